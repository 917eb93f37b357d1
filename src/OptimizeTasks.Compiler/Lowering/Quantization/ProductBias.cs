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
        if (Behind(node, channels) is not { } bias)
            return null;
        Node add = bias.Node;
        Value? taken = PerChannel(add.Inputs[bias.Index]!, channels);
        node.Provenance = [.. Names(node), .. Names(add)];
        node.Graph!.Replace(add.Output, node.Output);
        node.Graph!.Remove(add);
        return taken;

        static IEnumerable<string> Names(Node node) => node.Provenance.IsEmpty ? [node.Name] : node.Provenance;
    }

    /// <summary>Where an Add behind a MatMul takes a number for each channel; null where there is none.</summary>
    public static Use? Behind(Node node, long channels) =>
        node.Output is { IsOutput: false, Uses: [var use] } && use.Node.Is("Add") && use.Node.Graph == node.Graph
        && IsPerChannel(use.Node.Inputs[1 - use.Index]!, channels) && use.Node.Inputs[1 - use.Index]!.Constant!.Rank <= (node.Output.Shape?.Rank ?? 1)
            ? new Use(use.Node, 1 - use.Index)
            : null;

    /// <summary>A bias less a number for each channel, as a constant of its own: others may share the given one.</summary>
    /// <param name="bias">The bias in single precision; null for none.</param>
    /// <param name="shift">The numbers; null leaves the bias as it is.</param>
    /// <param name="node">The product, for the name.</param>
    public static Value? Less(Value? bias, double[]? shift, Node node)
    {
        if (shift is null)
            return bias;
        float[] numbers = bias?.Constant!.Read<float>().ToArray() ?? new float[shift.Length];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = (float)(numbers[i] - shift[i]);
        Graph graph = node.Graph!;
        return graph.AddInitializer(graph.UniqueName(node.Output.Name + "_corrected_bias"), Tensor.Create<float>(ElementType.Float, [.. bias?.Constant!.Dimensions ?? [numbers.Length]], numbers));
    }

    /// <summary>The constant with one dimension, if it is a number per channel of the last axis.</summary>
    private static Value? PerChannel(Value value, long channels)
    {
        if (!IsPerChannel(value, channels))
            return null;
        Tensor tensor = value.Constant!;
        return tensor.Rank == 1 ? value : value.Graph.AddInitializer(value.Name, new Tensor(tensor.ElementType, [channels], tensor.Data));
    }

    private static bool IsPerChannel(Value value, long channels) => value.Constant is { Rank: > 0 } tensor && tensor.Dimensions[^1] == channels && tensor.ElementCount == channels;

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
