using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>Quantises blocks that stand in columns: each lane of a vector is a block of its own.</summary>
internal sealed class ColumnBlocks(BlockFormat format, ElementType scaleType, BlockBuffers buffers)
{
    private readonly bool _isPlain = format is { IsSymmetric: true, IsClipped: false } && scaleType == ElementType.Float;

    /// <summary>Where the next row begins: on a boundary of vectors, and not on one at which rows would fight for the same place in the cache.</summary>
    public static int Stride(int channels) => ((channels + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count) + 16;

    /// <summary>Quantises one block of every column.</summary>
    /// <returns>0 if all elements are finite.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public float Quantize(ReadOnlySpan<float> tile, int stride, int channels, int block)
    {
        var check = Vector<float>.Zero;
        Span<BlockScale> scales = stackalloc BlockScale[Vector<float>.Count];
        for (int column = 0; column < channels; column += Vector<float>.Count)
        {
            int lanes = Math.Min(Vector<float>.Count, channels - column);
            ReadOnlySpan<float> elements = tile.Slice(column, ((format.BlockSize - 1) * stride) + Vector<float>.Count);
            if (_isPlain)
            {
                check += QuantizePlainly(elements, stride, lanes, column, block);
                continue;
            }

            check += Choose(elements, stride, scales[..lanes]);
            Store(elements, stride, scales[..lanes], column, block);
        }

        return Vector.Sum(check);
    }

    /// <summary>The scales of one block of some columns, not more than a vector has lanes.</summary>
    /// <returns>0 if all elements are finite.</returns>
    public Vector<float> Choose(ReadOnlySpan<float> elements, int stride, Span<BlockScale> scales)
    {
        Extremes extremes = ExtremesOf(elements, stride);
        if (format.IsClipped)
        {
            Clipping.Best(format, scaleType, elements, stride, extremes, scales);
        }
        else
        {
            Vector<float> least = extremes.Least, greatest = extremes.Greatest;
            for (int lane = 0; lane < scales.Length; lane++)
                scales[lane] = BlockScale.Of(format, scaleType, least[lane], greatest[lane]);
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

    /// <summary>Quantises one block of some columns whose scales can be computed side by side.</summary>
    /// <returns>0 if all elements are finite.</returns>
    private Vector<float> QuantizePlainly(ReadOnlySpan<float> elements, int stride, int channels, int firstChannel, int block)
    {
        Extremes extremes = ExtremesOf(elements, stride);
        (Vector<float> scale, Vector<float> inverse) = BlockScale.OfSymmetric(format, extremes.Least, extremes.Greatest);
        buffers.Set(firstChannel, channels, block, scale);
        Pack(elements, stride, inverse, new Vector<int>(format.MiddleCode), firstChannel, channels, block);
        return extremes.Check;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Extremes ExtremesOf(ReadOnlySpan<float> elements, int stride)
    {
        var extremes = default(Extremes);
        int rows = format.BlockSize;
        elements = elements[..(((rows - 1) * stride) + Vector<float>.Count)];
        ref float first = ref MemoryMarshal.GetReference(elements);
        for (int row = 0; row < rows; row++)
            extremes.Add(Vector.LoadUnsafe(ref first, (nuint)(row * stride)));
        return extremes;
    }

    /// <summary>A word of 32 bits holds codes of one column below each other, the first in the lowest bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pack(ReadOnlySpan<float> elements, int stride, Vector<float> inverse, Vector<int> zeroPoint, int firstChannel, int channels, int block)
    {
        var greatest = new Vector<int>(format.Codes - 1);
        int bits = format.Bits, codesOfWord = 32 / bits;
        Span<uint> words = MemoryMarshal.Cast<byte, uint>(buffers.Codes);
        Span<uint> lanes = stackalloc uint[Vector<uint>.Count];
        int wordsOfBlock = format.BlockBytes / sizeof(uint);
        int wordsOfChannel = (buffers.Position(1, 0) - buffers.Position(0, 0)) / sizeof(uint);
        elements = elements[..(((format.BlockSize - 1) * stride) + Vector<float>.Count)];
        words = words.Slice(buffers.Position(firstChannel, block) / sizeof(uint), ((channels - 1) * wordsOfChannel) + wordsOfBlock);
        ref uint destination = ref MemoryMarshal.GetReference(words);
        ref float first = ref MemoryMarshal.GetReference(elements);
        for (int word = 0; word < wordsOfBlock; word++)
        {
            var packed = Vector<uint>.Zero;
            for (int i = 0; i < codesOfWord; i++)
            {
                var row = Vector.LoadUnsafe(ref first, (nuint)(((word * codesOfWord) + i) * stride));
                Vector<int> codes = Rounding.ToCodes(row, inverse, zeroPoint, Vector<int>.Zero, greatest);
                packed |= Vector.ShiftLeft(Vector.AsVectorUInt32(codes), i * bits);
            }

            packed.CopyTo(lanes);
            for (int lane = 0; lane < channels; lane++)
                Unsafe.Add(ref destination, (lane * wordsOfChannel) + word) = lanes[lane];
        }
    }
}
