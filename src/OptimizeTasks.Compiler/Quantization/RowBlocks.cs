using System.Numerics;
using System.Runtime.CompilerServices;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>Quantises blocks that stand in rows: a block is some vectors side by side.</summary>
internal sealed class RowBlocks(BlockFormat format, ElementType scaleType, BlockBuffers buffers)
{
    private int[] _codes = [];
    private byte[] _bytes = [];

    /// <summary>The length of the buffer for a row: whole blocks, and room for the last vectors.</summary>
    public int PaddedLength(int blocks) => (blocks * format.BlockSize) + (8 * Vector<float>.Count);

    /// <summary>Quantises one row.</summary>
    /// <param name="row">The row, filled up with zeros.</param>
    /// <param name="channel">Which of the buffers' channels it is.</param>
    /// <param name="blocks">The number of its blocks.</param>
    /// <returns>0 if all elements are finite.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public float Quantize(ReadOnlySpan<float> row, int channel, int blocks)
    {
        if (_codes.Length < row.Length)
            (_codes, _bytes) = (new int[row.Length], new byte[row.Length]);
        float check = 0;
        for (int block = 0; block < blocks; block++)
            check += QuantizeBlock(row.Slice(block * format.BlockSize, format.BlockSize), channel, block);
        int length = blocks * format.BlockSize;
        ToBytes(_codes, _bytes, length);
        Span<byte> destination = buffers.Codes.Slice(buffers.Position(channel, 0), length * format.Bits / 8);
        if (format.Bits == 8)
            _bytes.AsSpan(0, length).CopyTo(destination);
        else
            PackPairs(_bytes.AsSpan(0, length), destination);
        return check;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float QuantizeBlock(ReadOnlySpan<float> elements, int channel, int block)
    {
        var extremes = default(Extremes);
        for (int i = 0; i < elements.Length; i += Vector<float>.Count)
            extremes.Add(new Vector<float>(elements[i..]));
        Vector<float> leasts = extremes.Least, greatests = extremes.Greatest;
        float least = 0, greatest = 0;
        for (int lane = 0; lane < Vector<float>.Count; lane++)
        {
            least = Math.Min(least, leasts[lane]);
            greatest = Math.Max(greatest, greatests[lane]);
        }

        BlockScale scale = format.IsClipped ? Clipping.Best(format, scaleType, elements, least, greatest) : BlockScale.Of(format, scaleType, least, greatest);
        buffers.Set(channel, block, scale);
        Span<int> codes = _codes.AsSpan(block * format.BlockSize, format.BlockSize);
        var inverse = new Vector<float>(scale.Inverse);
        var zeroPoint = new Vector<int>(scale.ZeroPoint);
        var greatestCode = new Vector<int>(format.Codes - 1);
        for (int i = 0; i < codes.Length; i += Vector<int>.Count)
            Rounding.ToCodes(new Vector<float>(elements[i..]), inverse, zeroPoint, Vector<int>.Zero, greatestCode).CopyTo(codes[i..]);
        return Vector.Sum(extremes.Check);
    }

    /// <summary>Narrows integers that fit into bytes; both have room for whole vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ToBytes(int[] codes, byte[] bytes, int length)
    {
        for (int i = 0; i < length; i += Vector<byte>.Count)
        {
            Vector<short> low = Vector.Narrow(new Vector<int>(codes, i), new Vector<int>(codes, i + Vector<int>.Count));
            Vector<short> high = Vector.Narrow(new Vector<int>(codes, i + (2 * Vector<int>.Count)), new Vector<int>(codes, i + (3 * Vector<int>.Count)));
            Vector.Narrow(Vector.AsVectorUInt16(low), Vector.AsVectorUInt16(high)).CopyTo(bytes, i);
        }
    }

    /// <summary>Two codes to a byte, the first in the lower half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackPairs(ReadOnlySpan<byte> codes, Span<byte> destination)
    {
        int i = 0;
        for (; i + (2 * Vector<byte>.Count) <= codes.Length; i += 2 * Vector<byte>.Count)
            Vector.Narrow(Pair(codes[i..]), Pair(codes[(i + Vector<byte>.Count)..])).CopyTo(destination[(i / 2)..]);
        for (; i < codes.Length; i += 2)
            destination[i / 2] = (byte)(codes[i] | (codes[i + 1] << 4));

        static Vector<ushort> Pair(ReadOnlySpan<byte> codes)
        {
            Vector<ushort> pairs = Vector.AsVectorUInt16(new Vector<byte>(codes));
            return (pairs | Vector.ShiftRightLogical(pairs, 4)) & new Vector<ushort>(0xff);
        }
    }
}
