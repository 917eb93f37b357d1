using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>
/// Quantises a matrix to signed 8 bits with one scale for each column. Every stripe of columns is read twice, once for the
/// scales and once for the codes: that is cheaper than keeping it.
/// </summary>
internal sealed class ColumnwiseWeights : TensorComputation
{
    /// <summary>The result with the codes, in the order of the matrix.</summary>
    public const int CodesIndex = 0;

    /// <summary>The result with the scales, in single precision.</summary>
    public const int ScalesIndex = 1;

    private const int MostColumns = 2048;
    private const int RowsOfTile = 32;

    private readonly WeightMatrix _weight;
    private readonly GivenScales? _scales;
    private readonly int _columnsOfPiece;

    /// <param name="weight">The matrix.</param>
    /// <param name="scales">The scale of each column; null where the greatest element decides.</param>
    public ColumnwiseWeights(WeightMatrix weight, GivenScales? scales = null)
        : base(weight.Outer * weight.Inner, weight.Inner * sizeof(float))
    {
        _weight = weight;
        _scales = scales;
        _columnsOfPiece = (int)Math.Clamp(weight.Inner, 1, MostColumns);
    }

    /// <inheritdoc/>
    public override int PieceCount => (int)((_weight.Inner + _columnsOfPiece - 1) / _columnsOfPiece);

    /// <inheritdoc/>
    public override long PieceBytes => (long)RowsOfTile * Stride(_columnsOfPiece) * (sizeof(float) + sizeof(byte));

    /// <inheritdoc/>
    public override void Compute(int piece, ComputedBytes sink)
    {
        long first = (long)piece * _columnsOfPiece;
        int columns = (int)Math.Min(_columnsOfPiece, _weight.Inner - first);
        int stride = Stride(columns);
        float[] tile = ArrayPool<float>.Shared.Rent(RowsOfTile * stride);
        byte[] codes = ArrayPool<byte>.Shared.Rent(RowsOfTile * stride);
        tile.AsSpan().Clear();
        float[] inverses = new float[stride];

        WriteScales(ReadPeaks(first, columns, tile, stride), columns, inverses, first, sink);
        for (long row = 0; row < _weight.Outer; row += RowsOfTile)
        {
            int rows = (int)Math.Min(RowsOfTile, _weight.Outer - row);
            _weight.Read(row, first, rows, columns, tile, stride);
            for (int i = 0; i < rows; i++)
                Quantize(tile.AsSpan(i * stride, stride), inverses, codes.AsSpan(i * columns), columns);
            Write(codes, row, first, rows, columns, sink);
        }

        ArrayPool<float>.Shared.Return(tile);
        ArrayPool<byte>.Shared.Return(codes);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ColumnwiseWeights other && other._weight.Equals(_weight) && Equals(other._scales, _scales);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_weight, nameof(ColumnwiseWeights));

    /// <summary>Whole groups of vectors, and an odd number of cache lines.</summary>
    private static int Stride(int columns) => ((columns + (4 * Vector<float>.Count) - 1) / (4 * Vector<float>.Count) * 4 * Vector<float>.Count) + 16;

    private float[] ReadPeaks(long first, int columns, float[] tile, int stride)
    {
        var peaks = new float[stride];
        for (long row = 0; row < _weight.Outer; row += RowsOfTile)
        {
            int rows = (int)Math.Min(RowsOfTile, _weight.Outer - row);
            _weight.Read(row, first, rows, columns, tile, stride);
            var check = Vector<float>.Zero;
            for (int column = 0; column < columns; column += Vector<float>.Count)
            {
                var found = new Peaks { Greatest = new Vector<float>(peaks, column) };
                for (int i = 0; i < rows; i++)
                    found.Add(new Vector<float>(tile, (i * stride) + column));
                found.Greatest.CopyTo(peaks, column);
                check += found.Check;
            }

            _weight.Check(Vector.Sum(check));
        }

        return peaks;
    }

    private void WriteScales(float[] peaks, int columns, float[] inverses, long first, ComputedBytes sink)
    {
        for (int column = 0; column < columns; column++)
            (peaks[column], inverses[column]) = _scales?[first + column] ?? ChannelScale.Of(peaks[column]);
        sink(ScalesIndex, first * sizeof(float), MemoryMarshal.AsBytes(peaks.AsSpan(0, columns)));
    }

    /// <summary>Quantises a row whose columns have scales of their own; the buffers have room for whole groups of vectors.</summary>
    private static void Quantize(ReadOnlySpan<float> row, ReadOnlySpan<float> inverses, Span<byte> codes, int columns)
    {
        Span<sbyte> destination = MemoryMarshal.Cast<byte, sbyte>(codes);
        for (int column = 0; column < columns; column += Vector<sbyte>.Count)
        {
            ChannelScale.Narrow(
                Codes(row, inverses, column),
                Codes(row, inverses, column + Vector<int>.Count),
                Codes(row, inverses, column + (2 * Vector<int>.Count)),
                Codes(row, inverses, column + (3 * Vector<int>.Count))).CopyTo(destination[column..]);
        }

        static Vector<int> Codes(ReadOnlySpan<float> row, ReadOnlySpan<float> inverses, int column) =>
            ChannelScale.ToCodes(new Vector<float>(row[column..]), new Vector<float>(inverses[column..]));
    }

    private void Write(byte[] codes, long row, long first, int rows, int columns, ComputedBytes sink)
    {
        if (columns == _weight.Inner)
        {
            sink(CodesIndex, row * _weight.Inner, codes.AsSpan(0, rows * columns));
            return;
        }

        for (int i = 0; i < rows; i++)
            sink(CodesIndex, ((row + i) * _weight.Inner) + first, codes.AsSpan(i * columns, columns));
    }
}
