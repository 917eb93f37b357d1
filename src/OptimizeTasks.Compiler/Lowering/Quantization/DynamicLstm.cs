using OptimizeTasks.Compiler.Planning;
using OptimizeTasks.Compiler.Quantization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Quantization;

/// <summary>An LSTM whose activations are quantised in every step: <c>DynamicQuantizeLSTM</c>, which takes its weights transposed.</summary>
internal static class DynamicLstm
{
    private const int Inputs = 8;

    public static void Quantize(WeightUse use, QuantizedWeights weights)
    {
        Node node = use.Node;
        (Value codes, Value scales, Value zeroPoints) = Weights(node.Inputs[1]!, node, weights);
        (Value recurrentCodes, Value recurrentScales, Value recurrentZeroPoints) = Weights(node.Inputs[2]!, node, weights);
        NodeAttribute[] attributes = [.. node.Attributes.Where(a => a.Name != "layout")];
        Value?[] others = [.. Enumerable.Range(3, Inputs - 3).Select(node.Input)];
        node.Become("DynamicQuantizeLSTM", [node.Inputs[0], codes, recurrentCodes, .. others, scales, zeroPoints, recurrentScales, recurrentZeroPoints], attributes);
    }

    private static (Value Codes, Value Scales, Value ZeroPoints) Weights(Value weight, Node node, QuantizedWeights weights)
    {
        (long directions, long gates, long inputs) = (weight.Constant!.Dimensions[0], weight.Constant.Dimensions[1], weight.Constant.Dimensions[2]);
        TensorComputation computation = weights.TransposedRows(weight, node);
        return (
            weights.Value(weight, "_int8", ElementType.Int8, computation.Outputs[RowwiseWeights.CodesIndex], directions, inputs, gates),
            weights.Value(weight, "_int8_scales", ElementType.Float, computation.Outputs[RowwiseWeights.ScalesIndex], directions, gates),
            weight.Graph.AddInitializer(weight.Name + "_int8_zero_points", new Tensor(ElementType.Int8, [directions, gates], new MemoryData(new byte[directions * gates]))));
    }
}
