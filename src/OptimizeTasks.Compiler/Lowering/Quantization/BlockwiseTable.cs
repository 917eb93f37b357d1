using OptimizeTasks.Compiler.Planning;
using OptimizeTasks.Compiler.Quantization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Quantization;

/// <summary>A table of rows in blocks, such as an embedding: <c>GatherBlockQuantized</c>. The bytes are those of a product with the table.</summary>
internal static class BlockwiseTable
{
    public static void Quantize(WeightUse use, PlannedNode planned, QuantizedWeights weights)
    {
        (BlockwiseWeights computation, BlockFormat format) = weights.Blocks(use, planned);
        long rows = use.Tensor.Dimensions[0];
        int blocks = format.Blocks(use.Tensor.Dimensions[1]);
        string suffix = $"_int{format.Bits}";
        use.Node.Become(
            "GatherBlockQuantized",
            [
                weights.Value(use.Weight, suffix, ElementType.UInt8, computation.Outputs[BlockwiseWeights.CodesIndex], rows, blocks * format.BlockBytes),
                use.Node.Inputs[1],
                weights.Value(use.Weight, suffix + "_scales", BlockFormat.ScaleType(use.Tensor.ElementType), computation.Outputs[BlockwiseWeights.ScalesIndex], rows, blocks),
                format.IsSymmetric
                    ? null
                    : weights.Value(use.Weight, suffix + "_zero_points", ElementType.UInt8, computation.Outputs[BlockwiseWeights.ZeroPointsIndex], rows, format.ZeroPointBytes(blocks)),
            ],
            [new IntAttribute("bits", format.Bits), new IntAttribute("block_size", format.BlockSize), new IntAttribute("gather_axis", 0), new IntAttribute("quantize_axis", 1)]);
    }
}
