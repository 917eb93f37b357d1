using OptimizeTasks.Compiler.Folding;
using OptimizeTasks.Compiler.Planning;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Quantization;

/// <summary>
/// Says with standard operators alone which values have 8 bits: QuantizeLinear and DequantizeLinear behind one another,
/// around nodes that stay as they are. Engines make kernels of it, each its own.
/// </summary>
internal sealed class QuantizeDequantize(Graph graph, StaticPlan plan, StaticScales scales, QuantizedWeights weights)
{
    private readonly Dictionary<Value, Value> _dequantized = [];

    /// <summary>Changes the graph.</summary>
    public void Apply()
    {
        // What nodes give, they give in 8 bits to everybody: an engine sees one result, or none.
        HashSet<Value> results = [.. plan.Nodes.Where(n => !plan.IsAbsorbed(n) && plan.GivesCodes(n)).SelectMany(plan.ResultsOf)];
        foreach (Node node in plan.Nodes.Where(n => !plan.IsAbsorbed(n)))
        {
            if (StaticOperators.RoleOf(node) == StaticRole.Multiplies)
                QuantizeWeights(node);
            for (int i = 0; i < node.Inputs.Count; i++)
            {
                if (node.Inputs[i] is { } input && StaticOperators.ActivationsOf(node).Contains(input) && !results.Contains(input))
                    node.SetInput(i, Dequantized(input));
            }

            if (StaticOperators.ConstantOf(node) is { } constant)
                node.SetInput(node.Inputs[0] == constant ? 0 : 1, DequantizedConstant(constant, node));
        }

        foreach (Value result in results)
        {
            Value dequantized = Dequantized(result);
            graph.Replace(result, dequantized);
            dequantized.Producer!.Inputs[0]!.Producer!.SetInput(0, result);
        }
    }

    private Value Dequantized(Value value)
    {
        if (_dequantized.TryGetValue(value, out Value? known))
            return known;
        (Value scale, Value zeroPoint) = scales.ConstantsOf(value);
        Node? behind = value.Producer is { } producer ? producer.Next : graph.First;
        Value codes = graph.Apply("QuantizeLinear", [value, scale, zeroPoint], value.Name + "_codes", before: behind);
        codes.Type = new TensorType(scales.CodeType, value.Shape);
        Value dequantized = graph.Apply("DequantizeLinear", [codes, scale, zeroPoint], value.Name + "_dequantized", before: behind);
        dequantized.Type = value.Type;
        _dequantized.Add(value, dequantized);
        return dequantized;
    }

    private Value DequantizedConstant(Value constant, Node node)
    {
        (Value codes, Value scale, Value zeroPoint) = scales.Quantized(constant.Name, ChannelConstants.Numbers(constant)!, constant.Constant!.Dimensions.AsSpan());
        return graph.Apply("DequantizeLinear", [codes, scale, zeroPoint], codes.Name + "_dequantized", before: node);
    }

    private void QuantizeWeights(Node node)
    {
        StaticWeights quantized = StaticWeights.Of(node, scales.Of(node.Inputs[0]!).Scale, weights);
        NodeAttribute[] axis = quantized.Scales.Constant!.Rank == 0 ? [] : [new IntAttribute("axis", quantized.Axis)];
        node.SetInput(1, graph.Apply("DequantizeLinear", [quantized.Codes, quantized.Scales, quantized.ZeroPoints], quantized.Codes.Name + "_dequantized", axis, before: node));
        if (node.Is("MatMul"))
        {
            // It has no bias, and another Add would not be free.
            if (quantized.Shift is { } shift && ProductBias.Behind(node, shift.Length) is { } added)
                added.Node.SetInput(added.Index, ProductBias.Less(added.Node.Inputs[added.Index], shift, node));
            return;
        }

        if (quantized.Bias is not { } bias)
            return;
        Value units = graph.AddInitializer(bias.Name + "_scales", quantized.BiasScales);
        NodeAttribute[] axisOfBias = quantized.BiasScales.Rank == 0 ? [] : [new IntAttribute("axis", 0)];
        node.SetInput(2, graph.Apply("DequantizeLinear", [bias, units], bias.Name + "_dequantized", axisOfBias, before: node));
    }
}
