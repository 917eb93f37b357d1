using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>Quantises one matrix or several behind each other to signed 8 bits with one scale for each row.</summary>
internal sealed class RowwiseWeights : TensorComputation
{
    /// <summary>The result with the codes.</summary>
    public const int CodesIndex = 0;

    /// <summary>The result with the scales, in single precision.</summary>
    public const int ScalesIndex = 1;

    private const int MostRows = 2048;
    private const int CodeBytesOfPiece = 8 << 20;

    /// <summary>A square of this side is transposed inside the cache.</summary>
    private const int TransposedSide = 32;

    private readonly WeightMatrix _weight;
    private readonly long _rowsOfMatrix;
    private readonly bool _isTransposed;
    private readonly GivenScales? _scales;
    private readonly int _rowsOfPiece;
    private readonly int _piecesOfMatrix;

    /// <param name="weight">All matrices as one.</param>
    /// <param name="rowsOfMatrix">The rows of one matrix.</param>
    /// <param name="isTransposed">Whether the codes of every matrix are stored column by column.</param>
    /// <param name="scales">The scale of each row; null where the greatest element decides.</param>
    public RowwiseWeights(WeightMatrix weight, long rowsOfMatrix, bool isTransposed, GivenScales? scales = null)
        : base(weight.Outer * weight.Inner, weight.Outer * sizeof(float))
    {
        _weight = weight;
        _rowsOfMatrix = rowsOfMatrix;
        _isTransposed = isTransposed;
        _scales = scales;
        _rowsOfPiece = (int)Math.Clamp(CodeBytesOfPiece / Math.Max(1, weight.Inner), 1, Math.Min(MostRows, Math.Max(1, rowsOfMatrix)));
        _piecesOfMatrix = (int)((rowsOfMatrix + _rowsOfPiece - 1) / _rowsOfPiece);
    }

    /// <inheritdoc/>
    public override int PieceCount => _rowsOfMatrix == 0 ? 0 : checked((int)(_weight.Outer / _rowsOfMatrix * _piecesOfMatrix));

    /// <inheritdoc/>
    public override long PieceBytes => _weight.Inner * (_rowsOfPiece + sizeof(float) + (_isTransposed ? TransposedSide : 0L));

    /// <inheritdoc/>
    public override void Compute(int piece, ComputedBytes sink)
    {
        long matrix = piece / _piecesOfMatrix;
        long first = (long)(piece % _piecesOfMatrix) * _rowsOfPiece;
        int rows = (int)Math.Min(_rowsOfPiece, _rowsOfMatrix - first);
        int length = (int)_weight.Inner;
        float[] row = ArrayPool<float>.Shared.Rent(length + Vector<byte>.Count);
        byte[] codes = ArrayPool<byte>.Shared.Rent((rows * length) + Vector<byte>.Count);
        var scales = new float[rows];
        row.AsSpan(length).Clear();
        for (int i = 0; i < rows; i++)
        {
            _weight.Read((matrix * _rowsOfMatrix) + first + i, 0, 1, length, row, 0);
            scales[i] = Quantize(row, length, codes.AsSpan(i * length), _scales?[(matrix * _rowsOfMatrix) + first + i]);
        }

        sink(ScalesIndex, ((matrix * _rowsOfMatrix) + first) * sizeof(float), MemoryMarshal.AsBytes<float>(scales));
        long start = matrix * _rowsOfMatrix * length;
        if (_isTransposed)
            WriteTransposed(codes, start + first, rows, length, sink);
        else
            sink(CodesIndex, start + (first * length), codes.AsSpan(0, rows * length));
        ArrayPool<float>.Shared.Return(row);
        ArrayPool<byte>.Shared.Return(codes);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RowwiseWeights other && other._weight.Equals(_weight)
        && other._rowsOfMatrix == _rowsOfMatrix && other._isTransposed == _isTransposed && Equals(other._scales, _scales);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_weight, _rowsOfMatrix, _isTransposed);

    /// <returns>The scale.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float Quantize(float[] row, int length, Span<byte> codes, ChannelScale? given)
    {
        float peak = Peaks.Of(row.AsSpan(0, length));
        _weight.Check(peak * 0);
        (float scale, float inverse) = given ?? ChannelScale.Of(peak);
        var inverses = new Vector<float>(inverse);
        Span<sbyte> destination = MemoryMarshal.Cast<byte, sbyte>(codes);
        for (int i = 0; i < length; i += Vector<sbyte>.Count)
        {
            ChannelScale.Narrow(
                ChannelScale.ToCodes(new Vector<float>(row, i), inverses),
                ChannelScale.ToCodes(new Vector<float>(row, i + Vector<int>.Count), inverses),
                ChannelScale.ToCodes(new Vector<float>(row, i + (2 * Vector<int>.Count)), inverses),
                ChannelScale.ToCodes(new Vector<float>(row, i + (3 * Vector<int>.Count)), inverses)).CopyTo(destination[i..]);
        }

        return scale;
    }

    /// <summary>Some columns at a time, each to its place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WriteTransposed(byte[] codes, long start, int rows, int length, ComputedBytes sink)
    {
        byte[] columns = ArrayPool<byte>.Shared.Rent(TransposedSide * rows);
        for (int first = 0; first < length; first += TransposedSide)
        {
            int count = Math.Min(TransposedSide, length - first);
            for (int block = 0; block < rows; block += TransposedSide)
            {
                int end = Math.Min(block + TransposedSide, rows);
                for (int column = 0; column < count; column++)
                {
                    for (int i = block; i < end; i++)
                        columns[(column * rows) + i] = codes[(i * length) + first + column];
                }
            }

            if (rows == _rowsOfMatrix)
            {
                sink(CodesIndex, start + ((long)first * rows), columns.AsSpan(0, count * rows));
                continue;
            }

            for (int column = 0; column < count; column++)
                sink(CodesIndex, start + ((first + column) * _rowsOfMatrix), columns.AsSpan(column * rows, rows));
        }

        ArrayPool<byte>.Shared.Return(columns);
    }
}
