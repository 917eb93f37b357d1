using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Raising;

/// <summary>The same model in float64, for errors of float32 to be measured against.</summary>
internal static class DoublePrecision
{
    /// <summary>Beyond it erf is ±1 to 3e-9.</summary>
    private const float LargestErf = 4.2f;

    /// <summary>Enough of the series for <see cref="LargestErf"/>.</summary>
    private const int ErfTerms = 90;

    /// <summary>Changes every float of the model to double; what ONNX Runtime has in float32 alone is spelled out.</summary>
    public static Model Widen(Model model)
    {
        Graph graph = model.Graph;
        foreach (Node node in graph.Nodes.Where(n => n.OpType is "Erf" or "HardSigmoid" or "Softplus").ToArray())
        {
            graph.Replace(node.Output, SpelledOut(graph, node));
            graph.Remove(node);
        }

        foreach (Value value in graph.Initializers.Where(i => i.ElementType == ElementType.Float).ToArray())
            graph.SetInitializer(value, Widen(value.Initializer!));
        foreach (Node node in graph.Nodes)
        {
            if (node.Is("Cast") && node.IntAttribute("to") == (long)ElementType.Float)
                node.SetAttribute(Int("to", (long)ElementType.Double));
            foreach (Value output in node.Outputs.OfType<Value>())
                output.Type = null;
        }

        foreach (Value value in graph.Inputs.Where(i => i.Type is TensorType { ElementType: ElementType.Float }))
            value.Type = ((TensorType)value.Type!) with { ElementType = ElementType.Double };
        return model;
    }

    /// <summary>The same numbers in double; other types as they are.</summary>
    public static Tensor Widen(Tensor tensor) => tensor.ElementType != ElementType.Float ? tensor
        : Tensor.Create<double>(ElementType.Double, tensor.Dimensions.ToArray(), Array.ConvertAll(tensor.Read<float>().ToArray(), x => (double)x));

    private static Value SpelledOut(Graph graph, Node node)
    {
        Value x = node.Inputs[0]!;
        return node.OpType switch
        {
            "Erf" => Erf(graph, x, node),
            "Softplus" => Before(graph, node, "Log", Before(graph, node, "Add", Before(graph, node, "Exp", x), graph.Scalar(1))),
            _ => Before(graph, node, "Clip", Before(graph, node, "Add", Before(graph, node, "Mul", x, graph.Scalar(node.FloatAttribute("alpha", 0.2f))), graph.Scalar(node.FloatAttribute("beta", 0.5f))), graph.Scalar(0), graph.Scalar(1)),
        };
    }

    /// <summary>2/√π · x · Σ (−x²)ⁿ / (n! · (2n + 1)), from the last term to the first.</summary>
    private static Value Erf(Graph graph, Value x, Node node)
    {
        x = Before(graph, node, "Clip", x, graph.Scalar(-LargestErf), graph.Scalar(LargestErf));
        Value square = Before(graph, node, "Neg", Before(graph, node, "Mul", x, x));
        Value sum = Number(graph, 0);
        double factorial = 1;
        double[] terms = [.. Enumerable.Range(0, ErfTerms).Select(n => 1 / ((factorial *= Math.Max(n, 1)) * ((2 * n) + 1)))];
        foreach (double term in terms.Reverse())
            sum = Before(graph, node, "Add", Before(graph, node, "Mul", sum, square), Number(graph, term));
        return Before(graph, node, "Mul", Before(graph, node, "Mul", sum, x), Number(graph, 2 / Math.Sqrt(Math.PI)));
    }

    private static Value Number(Graph graph, double number) => graph.AddInitializer("number", Tensor.Create<double>(ElementType.Double, [], [number]));

    private static Value Before(Graph graph, Node before, string opType, params Value?[] inputs)
    {
        Node node = graph.AddNode(opType, inputs, before: before);
        node.SetOutput(0, graph.AddValue(graph.UniqueName("widened")));
        return node.Output;
    }
}
