using System.Diagnostics;
using static OptimizeTasks.Onnx.Tests.Shapes.Attributes;

namespace OptimizeTasks.Onnx.Tests.Shapes;

/// <summary>The work of inference is linear in the number of nodes, whatever they do to sizes.</summary>
public class InferenceScaleTests
{
    private const int Rounds = 5;

    private static readonly Dictionary<string, Func<Graph, Value, Value>> s_layers = new()
    {
        ["shape arithmetic"] = (g, x) =>
        {
            Value sizes = g.Apply("Shape", [x], "shape");
            Value target = g.Apply("Concat", [g.Apply("Slice", [sizes, List(g, 0), List(g, 2)], "batch"), List(g, 4, -1)], "target", [Int("axis", 0)]);
            Value heads = g.Apply("Transpose", [g.Apply("Reshape", [x, target], "heads")], "turned", [Ints("perm", 0, 2, 1, 3)]);
            return g.Apply("Add", [x, g.Apply("Reshape", [g.Apply("Transpose", [heads], "back", [Ints("perm", 0, 2, 1, 3)]), List(g, 0, 0, -1)], "flat")], "sum");
        },
        ["sizes that grow and are divided"] = (g, x) => g.Apply("MaxPool", [g.Apply("Concat", [x, x], "twice", [Int("axis", 2)])], "pool", [Ints("kernel_shape", 2), Ints("strides", 3), Int("ceil_mode", 1)]),
        ["sizes that are cut"] = (g, x) => g.Apply("Slice", [g.Apply("Concat", [x, x], "twice", [Int("axis", 1)]), List(g, 1), List(g, -2), List(g, 1)], "cut"),
        ["sizes that are multiplied"] = (g, x) => g.Apply("Expand", [g.Apply("Add", [x, g.Inputs[1]], "sum"), g.Apply("Mul", [g.Apply("Shape", [x], "a"), g.Apply("Shape", [x], "b")], "square")], "wide"),
    };

    public static TheoryData<string> Layers => [.. s_layers.Keys];

    [Theory]
    [MemberData(nameof(Layers))]
    [Trait("Lane", "Long")]
    public void Twice_the_nodes_take_twice_the_time(string layers)
    {
        Graph[] graphs = [Build(s_layers[layers], 4_000), Build(s_layers[layers], 8_000)];
        var least = new TimeSpan[] { TimeSpan.MaxValue, TimeSpan.MaxValue };
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < graphs.Length; i++)
            {
                var watch = Stopwatch.StartNew();
                ShapeInference.Run(graphs[i], Opsets);
                least[i] = watch.Elapsed < least[i] ? watch.Elapsed : least[i];
            }
        }

        // Quadratic work would make it four.
        Assert.InRange(least[1] / least[0], 0, 3.2);
    }

    [Theory]
    [MemberData(nameof(Layers))]
    [Trait("Lane", "Long")]
    public void A_million_nodes_are_inferred(string layers)
    {
        Graph graph = Build(s_layers[layers], 1_000_000);

        var watch = Stopwatch.StartNew();
        ShapeInference.Run(graph, Opsets);

        // A bound against hanging, not a measurement.
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        Assert.NotNull(graph.Outputs[0].Shape);
    }

    private static Dictionary<string, long> Opsets => new(StringComparer.Ordinal) { [""] = 21 };

    private static Graph Build(Func<Graph, Value, Value> layer, int nodes)
    {
        var graph = new Graph("deep");
        Value x = graph.AddInput("x", new TensorType(ElementType.Float, new Shape(Dimension.OfSymbol("a"), Dimension.OfSymbol("b"), Dimension.OfSymbol("c"))));
        graph.AddInput("y", new TensorType(ElementType.Float, new Shape(Dimension.OfSymbol("d"), Dimension.OfSymbol("e"), Dimension.OfSymbol("f"))));
        while (graph.NodeCount < nodes)
            x = layer(graph, x);
        graph.AddOutput(x);
        return graph;
    }

    private static Value List(Graph graph, params long[] elements)
    {
        string name = "list " + string.Join(' ', elements);
        return graph.FindOwn(name) ?? graph.AddInitializer(name, Tensor.OfInt64(elements));
    }
}
