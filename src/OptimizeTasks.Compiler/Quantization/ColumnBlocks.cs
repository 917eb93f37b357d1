using System.Numerics;
using System.Runtime.InteropServices;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>Quantises blocks that stand in columns: each lane of a vector is a block of its own.</summary>
internal sealed class ColumnBlocks(BlockFormat format, ElementType scaleType, BlockBuffers buffers)
{
    private readonly int _codesOfWord = 32 / format.Bits;

    /// <summary>Where the next row begins: on a boundary of vectors, and not on one at which rows would fight for the same place in the cache.</summary>
    public static int Stride(int channels) => ((channels + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count) + 16;

    /// <summary>Quantises one block of every column.</summary>
    /// <returns>0 if all elements are finite.</returns>
    public float Quantize(ReadOnlySpan<float> tile, int stride, int channels, int block)
    {
        var check = Vector<float>.Zero;
        Span<BlockScale> scales = stackalloc BlockScale[Vector<float>.Count];
        for (int column = 0; column < channels; column += Vector<float>.Count)
        {
            Span<BlockScale> some = scales[..Math.Min(Vector<float>.Count, channels - column)];
            check += Choose(tile[column..], stride, some);
            Store(tile[column..], stride, some, column, block);
        }

        return Vector.Sum(check);
    }

    /// <summary>The scales of one block of some columns, not more than a vector has lanes.</summary>
    /// <returns>0 if all elements are finite.</returns>
    public Vector<float> Choose(ReadOnlySpan<float> elements, int stride, Span<BlockScale> scales)
    {
        var extremes = default(Extremes);
        for (int row = 0; row < format.BlockSize; row++)
            extremes.Add(new Vector<float>(elements[(row * stride)..]));
        if (format.IsClipped)
        {
            Clipping.Best(format, scaleType, elements, stride, extremes, scales);
        }
        else
        {
            for (int lane = 0; lane < scales.Length; lane++)
                scales[lane] = BlockScale.Of(format, scaleType, extremes.Least[lane], extremes.Greatest[lane]);
        }

        return extremes.Check;
    }

    /// <summary>Stores the codes of one block of some columns.</summary>
    public void Store(ReadOnlySpan<float> elements, int stride, ReadOnlySpan<BlockScale> scales, int firstChannel, int block)
    {
        Span<float> inverses = stackalloc float[Vector<float>.Count];
        Span<int> zeroPoints = stackalloc int[Vector<int>.Count];
        inverses.Clear();
        zeroPoints.Clear();
        for (int lane = 0; lane < scales.Length; lane++)
        {
            buffers.Set(firstChannel + lane, block, scales[lane]);
            inverses[lane] = scales[lane].Inverse;
            zeroPoints[lane] = scales[lane].ZeroPoint;
        }

        Pack(elements, stride, new Vector<float>(inverses), new Vector<int>(zeroPoints), firstChannel, scales.Length, block);
    }

    /// <summary>A word of 32 bits holds codes of one column below each other, the first in the lowest bits.</summary>
    private void Pack(ReadOnlySpan<float> elements, int stride, Vector<float> inverse, Vector<int> zeroPoint, int firstChannel, int channels, int block)
    {
        var greatest = new Vector<int>(format.Codes - 1);
        Span<uint> words = MemoryMarshal.Cast<byte, uint>(buffers.Codes);
        Span<uint> lanes = stackalloc uint[Vector<uint>.Count];
        int wordsOfBlock = format.BlockBytes / sizeof(uint);
        int wordsOfChannel = (buffers.Position(1, 0) - buffers.Position(0, 0)) / sizeof(uint);
        int first = buffers.Position(firstChannel, block) / sizeof(uint);
        for (int word = 0; word < wordsOfBlock; word++)
        {
            var packed = Vector<uint>.Zero;
            for (int i = 0; i < _codesOfWord; i++)
            {
                var row = new Vector<float>(elements[(((word * _codesOfWord) + i) * stride)..]);
                Vector<int> codes = Rounding.ToCodes(row, inverse, zeroPoint, Vector<int>.Zero, greatest);
                packed |= Vector.ShiftLeft(Vector.AsVectorUInt32(codes), i * format.Bits);
            }

            packed.CopyTo(lanes);
            for (int lane = 0; lane < channels; lane++)
                words[first + (lane * wordsOfChannel) + word] = lanes[lane];
        }
    }
}
