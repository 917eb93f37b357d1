using System.Runtime.InteropServices;
using OptimizeTasks.Benchmarks.Architectures;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Kernels;

/// <summary>A graph that does one computation several times, one behind the other, so that calling it weighs little.</summary>
internal sealed class KernelGraph
{
    private const string Contrib = "com.microsoft";
    private const long Opset = 24;

    /// <summary>How often the computation stands in the graph.</summary>
    public const int Repetitions = 4;

    /// <summary>The name of the output.</summary>
    public const string Output = "y";

    private readonly Graph _graph = new("kernels");
    private ulong _seed = 1;

    private KernelGraph()
    {
    }

    /// <summary>A model around a computation that keeps the shape of its input.</summary>
    public static Model Build(long[] sizes, Func<KernelGraph, Value, Value> compute)
    {
        var graph = new KernelGraph();
        Value x = graph._graph.AddInput("x", new TensorType(ElementType.Float, Shape.Of(sizes)));
        for (int i = 0; i < Repetitions; i++)
            x = compute(graph, x);
        x.Name = Output;
        x.Type = new TensorType(ElementType.Float, Shape.Of(sizes));
        graph._graph.AddOutput(x);
        return new Model(graph._graph) { IrVersion = 10, Opsets = { [""] = Opset, [Contrib] = 1 } };
    }

    public Value Op(string opType, NodeAttribute[] attributes, params Value?[] inputs) => _graph.Apply(opType, inputs, opType, attributes);

    public Value Op(string opType, params Value?[] inputs) => Op(opType, [], inputs);

    public Value Own(string opType, NodeAttribute[] attributes, params Value?[] inputs) => _graph.Apply(opType, inputs, opType, attributes, Contrib);

    public Value[] Split(Value x, long axis, params long[] sizes)
    {
        Node node = _graph.AddNode("Split", [x, Integers(sizes)]);
        node.SetAttribute(new IntAttribute("axis", axis));
        for (int i = 0; i < sizes.Length; i++)
            node.SetOutput(i, _graph.AddValue(_graph.UniqueName("part")));
        return [.. node.Outputs.Select(o => o!)];
    }

    /// <summary>A matrix of small random numbers.</summary>
    public Value Matrix(params long[] sizes) => _graph.AddInitializer("w",
        new Tensor(ElementType.Float, sizes, new RandomWeights(_seed++ << 40, WeightStatistics.Of(sizes[0]), sizes, sizes.Length - 1)));

    /// <summary>The same number so many times.</summary>
    public Value Vector(long size, float value) => _graph.AddInitializer("v", Tensor.Create<float>(ElementType.Float, [size], [.. Enumerable.Repeat(value, (int)size)]));

    /// <summary>Random codes of 8 bits.</summary>
    public Value Codes(params long[] sizes) => _graph.AddInitializer("c", Tensor.Create<byte>(ElementType.UInt8, sizes, RandomBytes(sizes)));

    /// <summary>Random codes of 8 bits with a sign.</summary>
    public Value SignedCodes(params long[] sizes) => _graph.AddInitializer("c", Tensor.Create<sbyte>(ElementType.Int8, sizes, MemoryMarshal.Cast<byte, sbyte>(RandomBytes(sizes))));

    /// <summary>Random rows of a table.</summary>
    public Value Indices(long rows, params long[] sizes)
    {
        var random = new Random((int)_seed++);
        return _graph.AddInitializer("r", Tensor.Create<long>(ElementType.Int64, sizes, [.. Enumerable.Range(0, (int)sizes.Aggregate(1L, (a, b) => a * b)).Select(_ => random.NextInt64(rows))]));
    }

    public Value Code(byte value) => _graph.AddInitializer("z", Tensor.Create<byte>(ElementType.UInt8, [], [value]));

    public Value Integers(params long[] values) => _graph.AddInitializer("i", Tensor.OfInt64(values));

    public Value Number(float value) => _graph.AddInitializer("n", Tensor.OfFloat(value));

    private byte[] RandomBytes(long[] sizes)
    {
        var bytes = new byte[sizes.Aggregate(1L, (a, b) => a * b)];
        new Random((int)_seed++).NextBytes(bytes);
        return bytes;
    }
}
