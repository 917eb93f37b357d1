using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>
/// A model that computes what a model in bfloat16 does, with kernels of the CPU, which has hardly any for that type: each
/// node computes in single precision, and what it gives is rounded to bfloat16.
/// </summary>
internal static class BFloat16Emulation
{
    /// <summary>Whether nodes of the main graph compute in bfloat16. Types are inferred then.</summary>
    public static bool IsNeeded(Model model)
    {
        if (!Precision.Has(model.Graph, ElementType.BFloat16))
            return false;
        ShapeInference.Run(model);
        return model.Graph.Nodes.Any(Computes);
    }

    /// <summary>Changes the model so that it runs on the CPU.</summary>
    public static void Apply(Model model)
    {
        Graph graph = model.Graph;
        var widened = new Dictionary<Value, Value>();
        foreach (Node node in graph.Nodes.Where(Computes).ToArray())
        {
            for (int i = 0; i < node.Inputs.Count; i++)
            {
                if (node.Inputs[i] is not { ElementType: ElementType.BFloat16 } input)
                    continue;
                if (!widened.TryGetValue(input, out Value? wide))
                    widened.Add(input, wide = graph.Apply("Cast", [input], input.Name + "_wide", [new IntAttribute("to", (long)ElementType.Float)], before: node));
                node.SetInput(i, wide);
            }

            foreach (Value output in node.Outputs.OfType<Value>().Where(o => o.ElementType == ElementType.BFloat16).ToArray())
                Round(graph, node, output);
        }
    }

    private static void Round(Graph graph, Node node, Value output)
    {
        Value wide = graph.AddValue(graph.UniqueName(output.Name + "_unrounded"), new TensorType(ElementType.Float, output.Shape));
        node.SetOutput(output.OutputIndex, wide);
        Node round = graph.AddNode("Cast", [wide], before: node.Next);
        round.Name = wide.Name;
        round.SetAttribute(new IntAttribute("to", (long)ElementType.BFloat16));
        round.SetOutput(0, output);
    }

    private static bool Computes(Node node) =>
        !node.Is("Cast") && !node.Subgraphs.Any() && node.Inputs.Concat(node.Outputs).Any(v => v is { ElementType: ElementType.BFloat16 });
}
