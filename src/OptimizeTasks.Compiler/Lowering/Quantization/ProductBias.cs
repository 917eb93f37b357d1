using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Quantization;

/// <summary>The bias of a product: kernels of quantised products add one number per channel on the way.</summary>
internal static class ProductBias
{
    /// <summary>
    /// The bias of a MatMul or Gemm as a one-dimensional constant, or null. An Add behind a MatMul is taken away for it; a
    /// bias of a Gemm that is none becomes an Add.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="channels">The number of channels.</param>
    public static Value? Take(Node node, long channels)
    {
        if (node.Is("Gemm"))
            return node.Input(2) is not { } c ? null : PerChannel(c, channels) ?? PutBehind(node, c);
        if (node.Output is { IsOutput: false, Uses: [var use] } && use.Node.Is("Add") && use.Node.Graph == node.Graph
            && PerChannel(use.Node.Inputs[1 - use.Index]!, channels) is { } bias && bias.Constant!.Rank <= (node.Output.Shape?.Rank ?? 1))
        {
            Node add = use.Node;
            node.Provenance = [.. Names(node), .. Names(add)];
            node.Graph!.Replace(add.Output, node.Output);
            node.Graph!.Remove(add);
            return bias;
        }

        return null;

        static IEnumerable<string> Names(Node node) => node.Provenance.IsEmpty ? [node.Name] : node.Provenance;
    }

    /// <summary>The constant with one dimension, if it is a number per channel of the last axis.</summary>
    private static Value? PerChannel(Value value, long channels)
    {
        if (value.Constant is not { } tensor || tensor.Rank == 0 || tensor.Dimensions[^1] != channels || tensor.ElementCount != channels)
            return null;
        return tensor.Rank == 1 ? value : value.Graph.AddInitializer(value.Name, new Tensor(tensor.ElementType, [channels], tensor.Data));
    }

    private static Value? PutBehind(Node gemm, Value bias)
    {
        Graph graph = gemm.Graph!;
        Value sum = gemm.Output;
        gemm.SetOutput(0, graph.AddValue(graph.UniqueName(sum.Name + "_product"), sum.Type));
        Node add = graph.AddNode("Add", [gemm.Output, bias], before: gemm.Next);
        add.Name = graph.UniqueName(sum.Name + "_bias");
        add.SetOutput(0, sum);
        return null;
    }
}
