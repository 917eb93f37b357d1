using System.Diagnostics;
using System.Globalization;
using OptimizeTasks.Onnx;
using Xunit.Abstractions;

namespace OptimizeTasks.Compiler.Tests;

public class LinearityTests(ITestOutputHelper output)
{
    /// <summary>Twice the nodes; a quadratic pass would take four times as much, of which the other passes hide a part.</summary>
    private const double MostGrowth = 2.2;

    private const int Rounds = 7;

    [Fact]
    public void Twice_the_nodes_allocate_twice_the_bytes()
    {
        const int layers = 1000;
        Measure(layers);
        double growth = (double)Measure(2 * layers).Allocated / Measure(layers).Allocated;
        Assert.InRange(growth, 1, MostGrowth);
    }

    /// <summary>The least of rounds by turns, as machines do other work as well.</summary>
    [Fact]
    [Trait("Lane", "Long")]
    public void Twice_the_nodes_take_twice_the_time()
    {
        const int layers = 2500;
        Measure(layers);
        TimeSpan small = TimeSpan.MaxValue, large = TimeSpan.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            small = Least(small, Measure(layers).Time);
            large = Least(large, Measure(2 * layers).Time);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{small.TotalMilliseconds:0} ms, {large.TotalMilliseconds:0} ms: {large / small:0.00} times"));
        Assert.InRange(large / small, 0, MostGrowth);
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static (long Allocated, TimeSpan Time) Measure(int layers)
    {
        Model model = Build(layers);
        GC.Collect();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        CompilationResult result = new ModelCompiler(new CompilerOptions()).Compile(model);
        Assert.True(result.NodesAfter < result.NodesBefore);
        return (GC.GetAllocatedBytesForCurrentThread() - allocated, Stopwatch.GetElapsedTime(start));
    }

    /// <summary>Layers with what most passes look for: constants, shape arithmetic, no-ops, equal nodes and weights, a normalisation and an activation spelled out, and a near miss.</summary>
    private static Model Build(int layers)
    {
        var graph = new Graph("main");
        Value x = graph.AddInput("x", new TensorType(ElementType.Float, new Shape([Dimension.OfSymbol("batch"), Dimension.Of(8)])));
        for (int i = 0; i < layers; i++)
        {
            string layer = "layer" + i.ToString(CultureInfo.InvariantCulture);
            Value weight = graph.AddInitializer(layer + ".weight", Tensor.Create<float>(ElementType.Float, [8, 8], [.. Enumerable.Range(i, 64).Select(n => n * 0.001f)]));
            Value one = graph.Apply("Constant", [], layer + ".one", [new TensorAttribute("value", Tensor.OfFloat(1))]);
            Value product = graph.Apply("MatMul", [x, weight], layer + ".product");
            Value same = graph.Apply("Identity", [product], layer + ".same");
            Value size = graph.Apply("Shape", [same], layer + ".shape");
            Value shaped = graph.Apply("Reshape", [same, size], layer + ".reshaped");
            Value left = graph.Apply("Tanh", [shaped], layer + ".left");
            Value right = graph.Apply("Tanh", [shaped], layer + ".right");
            Value sum = graph.Apply("Mul", [graph.Apply("Add", [left, right], layer + ".sum"), one], layer + ".times");
            Value square = graph.Apply("Mul", [sum, sum], layer + ".square");
            Value mean = graph.Apply("ReduceMean", [square], layer + ".mean", [new IntsAttribute("axes", [-1])]);
            Value root = graph.Apply("Sqrt", [graph.Apply("Add", [mean, one], layer + ".shifted")], layer + ".root");
            Value normalized = graph.Apply("Div", [sum, root], layer + ".normalized");
            Value gate = graph.Apply("Mul", [normalized, graph.Apply("Sigmoid", [normalized], layer + ".sigmoid")], layer + ".gate");
            x = graph.Apply("Mul", [gate, graph.Apply("Erf", [gate], layer + ".erf")], layer + ".out");
        }

        graph.AddOutput(x);
        var model = new Model(graph) { IrVersion = 8 };
        model.Opsets[""] = 17;
        return model;
    }
}
