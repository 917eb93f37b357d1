using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>
/// Quantises a matrix to signed 8 bits with one scale for each column. The matrix is read twice, once for the scales and once
/// for the codes: from the cache of files that is cheaper than keeping it. Both times it is read, and its codes are written,
/// from the front to the end; cores work on different matrices.
/// </summary>
internal sealed class ColumnwiseWeights : TensorComputation
{
    /// <summary>The result with the codes, in the order of the matrix.</summary>
    public const int CodesIndex = 0;

    /// <summary>The result with the scales, in single precision.</summary>
    public const int ScalesIndex = 1;

    private readonly WeightMatrix _weight;
    private readonly GivenScales? _scales;

    /// <param name="weight">The matrix.</param>
    /// <param name="scales">The scale of each column; null where the greatest element decides.</param>
    public ColumnwiseWeights(WeightMatrix weight, GivenScales? scales = null)
        : base(weight.Outer * weight.Inner, weight.Inner * sizeof(float))
    {
        _weight = weight;
        _scales = scales;
    }

    /// <inheritdoc/>
    public override int PieceCount => _weight.Inner > 0 ? 1 : 0;

    /// <inheritdoc/>
    public override long PieceBytes => _weight.Inner * ((_weight.RowsOfTile * (sizeof(float) + sizeof(sbyte))) + (2 * sizeof(float)));

    private int Columns => (int)_weight.Inner;

    /// <inheritdoc/>
    public override void Compute(int piece, ComputedBytes sink)
    {
        float[] inverses = WriteScales(_scales is null ? _weight.ReadPeaks(byRow: false) : new float[Columns], sink);
        float[] tile = ArrayPool<float>.Shared.Rent(_weight.RowsOfTile * Columns);
        sbyte[] codes = ArrayPool<sbyte>.Shared.Rent(_weight.RowsOfTile * Columns);
        for (long row = 0; row < _weight.Outer; row += _weight.RowsOfTile)
        {
            int rows = (int)Math.Min(_weight.RowsOfTile, _weight.Outer - row);
            _weight.Read(row, rows, tile);
            for (int i = 0; i < rows; i++)
                Quantize(tile.AsSpan(i * Columns, Columns), inverses, codes.AsSpan(i * Columns, Columns));
            sink(CodesIndex, row * Columns, MemoryMarshal.AsBytes(codes.AsSpan(0, rows * Columns)));
        }

        ArrayPool<float>.Shared.Return(tile);
        ArrayPool<sbyte>.Shared.Return(codes);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ColumnwiseWeights other && other._weight.Equals(_weight) && Equals(other._scales, _scales);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_weight, nameof(ColumnwiseWeights));

    /// <summary>Returns what elements are multiplied with.</summary>
    private float[] WriteScales(float[] peaks, ComputedBytes sink)
    {
        var inverses = new float[Columns];
        for (int column = 0; column < Columns; column++)
            (peaks[column], inverses[column]) = _scales?[column] ?? ChannelScale.Of(peaks[column]);
        sink(ScalesIndex, 0, MemoryMarshal.AsBytes(peaks.AsSpan()));
        return inverses;
    }

    /// <summary>Quantises a row, each element with a scale of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Quantize(ReadOnlySpan<float> row, ReadOnlySpan<float> inverses, Span<sbyte> codes)
    {
        int column = 0;
        for (; column <= row.Length - Vector<sbyte>.Count; column += Vector<sbyte>.Count)
        {
            ChannelScale.Narrow(
                Codes(row, inverses, column),
                Codes(row, inverses, column + Vector<int>.Count),
                Codes(row, inverses, column + (2 * Vector<int>.Count)),
                Codes(row, inverses, column + (3 * Vector<int>.Count))).CopyTo(codes[column..]);
        }

        for (; column < row.Length; column++)
            codes[column] = ChannelScale.ToCode(row[column], inverses[column]);

        static Vector<int> Codes(ReadOnlySpan<float> row, ReadOnlySpan<float> inverses, int column) =>
            ChannelScale.ToCodes(new Vector<float>(row[column..]), new Vector<float>(inverses[column..]));
    }
}
