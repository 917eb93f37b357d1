using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Raising;

/// <summary>Formulas as exporters write them, one node for each step.</summary>
internal static class Spelling
{
    /// <summary>What raising gives, without the kernels that lowering then takes.</summary>
    public static CompilerOptions StandardOperators { get; } = new() { Engine = Engine.Portable };

    public static Value Op(this Graph graph, string opType, params Value?[] inputs) => graph.Apply(opType, inputs, opType);

    public static Value Op(this Graph graph, string opType, NodeAttribute attribute, params Value?[] inputs) => graph.Apply(opType, inputs, opType, [attribute]);

    public static Value Mean(this Graph graph, Value x, params long[] axes) =>
        graph.Apply("ReduceMean", [x, graph.Ints(axes.Length == 0 ? [-1] : axes)], "mean", [Int("keepdims", 1)]);

    /// <summary>Heads to the front: [batch, sequence, heads · size] → [batch, heads, sequence, size].</summary>
    public static Value Split(this Graph graph, Value x, long heads, long size, params long[] permutation) =>
        graph.Op("Transpose", IntList("perm", permutation.Length == 0 ? [0, 2, 1, 3] : permutation), graph.Op("Reshape", x, graph.Ints(0, 0, heads, size)));

    /// <summary>Heads to the back: [batch, heads, sequence, size] → [batch, sequence, heads · size].</summary>
    public static Value Join(this Graph graph, Value x, long width) =>
        graph.Op("Reshape", graph.Op("Transpose", IntList("perm", 0, 2, 1, 3), x), graph.Ints(0, 0, width));

    public static Value Linear(this Graph graph, Value x, string name, long from, long to) => graph.Op("MatMul", x, graph.Small(name, from, to));

    /// <summary>A constant of random floats around 0.</summary>
    public static Value Small(this Graph graph, string name, params long[] sizes)
    {
        var random = new Random(name.Length);
        return graph.AddInitializer(name, Tensor.Create<float>(ElementType.Float, sizes, [.. Enumerable.Range(0, (int)sizes.Aggregate(1L, (a, b) => a * b)).Select(_ => (random.NextSingle() - 0.5f) / 2)]));
    }

    public static Value NamedInput(this Graph graph, string name, params object[] sizes) => graph.AddInput(name, new TensorType(ElementType.Float,
        new Shape(sizes.Select(s => s is string symbol ? Dimension.OfSymbol(symbol) : Dimension.Of(Convert.ToInt64(s, System.Globalization.CultureInfo.InvariantCulture))))));
}
