using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Planning;
using OptimizeTasks.Compiler.Quantization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Quantization;

/// <summary>
/// A table of rows in blocks, such as an embedding: <c>GatherBlockQuantized</c>, or what computes the same on the CPU in less
/// time. The bytes are those of a product with the table.
/// </summary>
internal sealed class BlockwiseTable(QuantizedWeights weights, PassContext context)
{
    private const byte ZeroPoint = 128;

    public void Quantize(WeightUse use, PlannedNode planned)
    {
        (TensorComputation computation, BlockFormat format) = weights.Blocks(use, planned);
        if (IsLookedUpFaster(use, format))
            LookUp(use, computation, format);
        else
            UseKernel(use, computation, format);
    }

    /// <summary>
    /// ONNX Runtime's kernel for the CPU takes many times as long (docs/kernels.md); codes of 4 bits and zero points have no
    /// other. Blocks come together again only where the rank of the indices is known.
    /// </summary>
    private bool IsLookedUpFaster(WeightUse use, BlockFormat format) =>
        FormatSupport.IsForCpuAlone(context.Options)
        && format is { Bits: 8, IsSymmetric: true }
        && use.Tensor.ElementType == ElementType.Float
        && use.Node.Inputs[1]!.Shape is not null;

    /// <summary>Codes and scales are looked up, and multiplied.</summary>
    private void LookUp(WeightUse use, TensorComputation computation, BlockFormat format)
    {
        Node node = use.Node;
        long rows = use.Tensor.Dimensions[0], columns = use.Tensor.Dimensions[1];
        int blocks = format.Blocks(columns);
        Value indices = node.Inputs[1]!;
        Value codes = weights.Value(use.Weight, "_int8", ElementType.UInt8, computation.Outputs[BlockwiseWeights.CodesIndex], rows, blocks, format.BlockBytes);
        Value scales = weights.Value(use.Weight, "_int8_scales", ElementType.Float, computation.Outputs[BlockwiseWeights.ScalesIndex], rows, blocks, 1);
        Value numbers = Apply("DequantizeLinear", "_numbers", Apply("Gather", "_int8", codes, indices), Constant("_one", Tensor.OfFloat(1)), Constant("_zero_point", Tensor.Create<byte>(ElementType.UInt8, [], [ZeroPoint])));
        Value product = Apply("Mul", "_blocks", numbers, Apply("Gather", "_scales", scales, indices));
        node.Become("", "Reshape", [product, Constant("_sizes", Tensor.OfInt64([.. Enumerable.Repeat(0L, indices.Shape!.Rank), columns]))]);

        Value Apply(string opType, string suffix, params Value[] inputs) => node.Graph!.Apply(opType, inputs, node.Output.Name + suffix, before: node);
        Value Constant(string suffix, Tensor tensor) => node.Graph!.AddInitializer(node.Output.Name + suffix, tensor);
    }

    private void UseKernel(WeightUse use, TensorComputation computation, BlockFormat format)
    {
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
