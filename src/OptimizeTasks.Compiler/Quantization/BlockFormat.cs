using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>
/// Integers of 4 or 8 bits in blocks along the summed axis, each block with a scale of its own:
/// x ≈ (code − zero point) · scale, the layout of <c>MatMulNBits</c> and <c>GatherBlockQuantized</c>.
/// </summary>
/// <param name="Bits">4 or 8.</param>
/// <param name="BlockSize">16, 32, 64 or 128 elements.</param>
/// <param name="IsSymmetric">Whether the zero point is the middle code for all blocks; else each block stores one.</param>
/// <param name="IsClipped">Whether the scale is the one of least squared error (<see cref="Clipping"/>).</param>
internal readonly record struct BlockFormat(int Bits, int BlockSize, bool IsSymmetric, bool IsClipped = false)
{
    /// <summary>The number of codes.</summary>
    public int Codes => 1 << Bits;

    /// <summary>The code of 0 where the format is symmetric.</summary>
    public int MiddleCode => Codes / 2;

    /// <summary>Bytes of one block's codes.</summary>
    public int BlockBytes => BlockSize * Bits / 8;

    /// <summary>The number of blocks that so many elements take, the last one perhaps filled up.</summary>
    public int Blocks(long elements) => checked((int)((elements + BlockSize - 1) / BlockSize));

    /// <summary>Bytes of the zero points of so many blocks.</summary>
    public int ZeroPointBytes(int blocks) => ((blocks * Bits) + 7) / 8;

    /// <summary>The type of the scales: that of the weights where kernels take it.</summary>
    public static ElementType ScaleType(ElementType weights) => weights == ElementType.Float16 ? ElementType.Float16 : ElementType.Float;
}
