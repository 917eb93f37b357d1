using OptimizeTasks.Compiler.Planning;
using OptimizeTasks.Compiler.Quantization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Quantization;

/// <summary>A product with weights in blocks: <c>MatMulNBits</c>.</summary>
internal static class BlockwiseProduct
{
    public static void Quantize(WeightUse use, PlannedNode planned, QuantizedWeights weights)
    {
        (TensorComputation computation, BlockFormat format) = weights.Blocks(use, planned);
        long summed = use.Tensor.Dimensions[use.IsInnerSummed ? 1 : 0], channels = use.Tensor.Dimensions[use.IsInnerSummed ? 0 : 1];
        int blocks = format.Blocks(summed);
        Node node = use.Node;
        Value? bias = ProductBias.Take(node, channels);
        List<NodeAttribute> attributes = [new IntAttribute("K", summed), new IntAttribute("N", channels), new IntAttribute("bits", format.Bits), new IntAttribute("block_size", format.BlockSize)];
        if (planned.AccuracyLevel is { } level)
            attributes.Add(new IntAttribute("accuracy_level", level));
        string suffix = $"_int{format.Bits}";
        node.Become(
            "MatMulNBits",
            [
                node.Inputs[0],
                weights.Value(use.Weight, suffix, ElementType.UInt8, computation.Outputs[BlockwiseWeights.CodesIndex], channels, blocks, format.BlockBytes),
                weights.Value(use.Weight, suffix + "_scales", BlockFormat.ScaleType(use.Tensor.ElementType), computation.Outputs[BlockwiseWeights.ScalesIndex], channels, blocks),
                format.IsSymmetric
                    ? null
                    : weights.Value(use.Weight, suffix + "_zero_points", ElementType.UInt8, computation.Outputs[BlockwiseWeights.ZeroPointsIndex], channels, format.ZeroPointBytes(blocks)),
                null,
                bias,
            ],
            attributes);
    }
}
