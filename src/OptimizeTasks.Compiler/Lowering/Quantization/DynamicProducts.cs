using OptimizeTasks.Compiler.Planning;
using OptimizeTasks.Compiler.Quantization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Quantization;

/// <summary>
/// Products of activations that are quantised in every run with weights of signed 8 bits. Activations that several products
/// take are quantised once for all of them.
/// </summary>
internal sealed class DynamicProducts(QuantizedWeights weights, IReadOnlyDictionary<Node, PlannedNode> formats)
{
    private readonly Dictionary<(Graph Graph, Value Activations), Node> _shared = [];

    public void Quantize(WeightUse use)
    {
        Node node = use.Node;
        Value activations = node.Inputs[0]!;
        long summed = use.Tensor.Dimensions[use.IsInnerSummed ? 1 : 0], channels = use.Tensor.Dimensions[use.IsInnerSummed ? 0 : 1];
        TensorComputation computation = weights.Channels(use);
        Value codes = weights.Value(use.Weight, "_int8", ElementType.Int8, computation.Outputs[ColumnwiseWeights.CodesIndex], summed, channels);
        Value scales = weights.Value(use.Weight, "_int8_scales", ElementType.Float, computation.Outputs[ColumnwiseWeights.ScalesIndex], channels);
        double[]? shift = weights.ShiftOf(use);
        Value? bias = ProductBias.Less(ProductBias.Take(node, channels), shift, node);
        if (Shared(node, activations) is { } quantized)
            node.Become("MatMulIntegerToFloat", [quantized.Outputs[0], codes, quantized.Outputs[1], scales, quantized.Outputs[2], null, bias]);
        else
            node.Become("DynamicQuantizeMatMul", [activations, codes, scales, null, bias]);
    }

    /// <summary>The node that quantises the activations for several products of the graph; null where there is one only.</summary>
    private Node? Shared(Node node, Value activations)
    {
        Graph graph = node.Graph!;
        if (_shared.TryGetValue((graph, activations), out Node? known))
            return known;
        if (activations.Uses.Count(u => u.Index == 0 && u.Node.Graph == graph && formats.GetValueOrDefault(u.Node) is { Format: WeightFormat.Dynamic } && u.Node.OpType is "MatMul" or "Gemm") < 2)
            return null;
        Node quantize = graph.AddNode("DynamicQuantizeLinear", [activations], before: node);
        quantize.Name = graph.UniqueName(activations.Name + "_quantize");
        foreach ((string suffix, int index) in new[] { ("_int8", 0), ("_scale", 1), ("_zero_point", 2) })
            quantize.SetOutput(index, graph.AddValue(graph.UniqueName(activations.Name + suffix)));
        _shared.Add((graph, activations), quantize);
        return quantize;
    }
}
