using System.Buffers;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>
/// Quantises a matrix in blocks along its summed axis, a stripe of channels at a time. A stripe is contiguous in what is
/// stored, whichever axis of the matrix is summed: no transpose is needed.
/// </summary>
internal sealed class BlockwiseWeights : TensorComputation
{
    /// <summary>The result with the codes, <c>[channels, blocks, bytes of a block]</c>.</summary>
    public const int CodesIndex = 0;

    /// <summary>The result with the scales, <c>[channels, blocks]</c>.</summary>
    public const int ScalesIndex = 1;

    /// <summary>The result with the zero points, <c>[channels, bytes]</c>, where the format has them.</summary>
    public const int ZeroPointsIndex = 2;

    /// <summary>Long enough for a read of a row to be worth its system call, and for the rows of a block to stay in the cache.</summary>
    private const int MostChannels = 2048;

    private const int CodeBytesOfPiece = 8 << 20;

    private readonly WeightMatrix _weight;
    private readonly bool _isInnerSummed;
    private readonly BlockFormat _format;
    private readonly long _channels;
    private readonly long _summed;
    private readonly int _blocks;
    private readonly int _channelsOfPiece;

    /// <param name="weight">The matrix.</param>
    /// <param name="isInnerSummed">Whether the axis that is summed is the one whose elements stand side by side.</param>
    /// <param name="format">The format.</param>
    public BlockwiseWeights(WeightMatrix weight, bool isInnerSummed, BlockFormat format)
        : base(LengthsOf(weight, isInnerSummed, format))
    {
        _weight = weight;
        _isInnerSummed = isInnerSummed;
        _format = format;
        (_channels, _summed) = isInnerSummed ? (weight.Outer, weight.Inner) : (weight.Inner, weight.Outer);
        _blocks = format.Blocks(_summed);
        _channelsOfPiece = (int)Math.Clamp(CodeBytesOfPiece / Math.Max(1L, (long)_blocks * format.BlockBytes), 1, MostChannels);
    }

    /// <inheritdoc/>
    public override int PieceCount => (int)((_channels + _channelsOfPiece - 1) / _channelsOfPiece);

    /// <inheritdoc/>
    public override long PieceBytes => (_channelsOfPiece * ((long)_blocks * (_format.BlockBytes + sizeof(float)))) + TileBytes;

    private long TileBytes => sizeof(float) * (_isInnerSummed ? (long)_blocks * _format.BlockSize : (long)_format.BlockSize * _channelsOfPiece);

    /// <inheritdoc/>
    public override void Compute(int piece, ComputedBytes sink)
    {
        long first = (long)piece * _channelsOfPiece;
        int channels = (int)Math.Min(_channelsOfPiece, _channels - first);
        ElementType scaleType = BlockFormat.ScaleType(_weight.ElementType);
        using var buffers = new BlockBuffers(_format, scaleType, channels, _blocks);
        if (_isInnerSummed)
            QuantizeRows(first, channels, new RowBlocks(_format, scaleType, buffers));
        else
            QuantizeColumns(first, channels, new ColumnBlocks(_format, scaleType, buffers));
        buffers.WriteTo(first, sink);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BlockwiseWeights other && other._weight.Equals(_weight)
        && other._isInnerSummed == _isInnerSummed && other._format == _format;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_weight, _isInnerSummed, _format);

    private void QuantizeRows(long first, int channels, RowBlocks rows)
    {
        int length = rows.PaddedLength(_blocks);
        float[] row = ArrayPool<float>.Shared.Rent(length);
        row.AsSpan((int)_summed, length - (int)_summed).Clear();
        for (int channel = 0; channel < channels; channel++)
        {
            _weight.Read(first + channel, 0, 1, (int)_summed, row, 0);
            _weight.Check(rows.Quantize(row.AsSpan(0, length), channel, _blocks));
        }

        ArrayPool<float>.Shared.Return(row);
    }

    private void QuantizeColumns(long first, int channels, ColumnBlocks columns)
    {
        int stride = ColumnBlocks.Stride(channels);
        float[] tile = ArrayPool<float>.Shared.Rent(stride * _format.BlockSize);
        Span<float> elements = tile.AsSpan(0, stride * _format.BlockSize);
        elements.Clear();
        for (int block = 0; block < _blocks; block++)
        {
            long row = (long)block * _format.BlockSize;
            int rows = (int)Math.Min(_format.BlockSize, _summed - row);
            _weight.Read(row, first, rows, channels, elements, stride);
            elements[(rows * stride)..].Clear();
            _weight.Check(columns.Quantize(elements, stride, channels, block));
        }

        ArrayPool<float>.Shared.Return(tile);
    }

    /// <summary>The lengths of the results.</summary>
    public static long[] LengthsOf(WeightMatrix weight, bool isInnerSummed, BlockFormat format)
    {
        (long channels, long summed) = isInnerSummed ? (weight.Outer, weight.Inner) : (weight.Inner, weight.Outer);
        int blocks = format.Blocks(summed);
        long codes = checked(channels * blocks * format.BlockBytes);
        long scales = BlockFormat.ScaleType(weight.ElementType).ByteLength(channels * blocks);
        return format.IsSymmetric ? [codes, scales] : [codes, scales, channels * format.ZeroPointBytes(blocks)];
    }
}
