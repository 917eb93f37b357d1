using System.Buffers;
using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering;

/// <summary>Matrices with as many rows, side by side.</summary>
internal sealed class JoinedColumns : ConsecutivePieces
{
    private const long LargestPiece = 1 << 20;

    private readonly ImmutableArray<Tensor> _parts;
    private readonly int _elementBytes;
    private readonly long _rows;
    private readonly int _rowsPerPiece;

    private JoinedColumns(ImmutableArray<Tensor> parts, long length)
        : base(length)
    {
        _parts = parts;
        _elementBytes = parts[0].ElementType.BitWidth() / 8;
        _rows = parts[0].Dimensions[0];
        _rowsPerPiece = (int)Math.Max(1, LargestPiece / Math.Max(1, RowBytes));
    }

    /// <inheritdoc/>
    public override long PieceBytes => 2 * _rowsPerPiece * RowBytes;

    /// <inheritdoc/>
    protected override long PieceLength => _rowsPerPiece * RowBytes;

    private long RowBytes => Width(_parts) * _elementBytes;

    /// <summary>The joined matrix: as many rows, all columns.</summary>
    /// <param name="parts">The matrices, of one type of whole bytes.</param>
    public static Tensor Of(params ImmutableArray<Tensor> parts)
    {
        var joined = new JoinedColumns(parts, parts.Sum(p => p.ByteLength));
        return new Tensor(parts[0].ElementType, [joined._rows, Width(parts)], joined.Outputs[0]);
    }

    /// <inheritdoc/>
    public override void Compute(int piece, ComputedBytes sink)
    {
        long first = (long)piece * _rowsPerPiece;
        int rows = (int)Math.Min(_rowsPerPiece, _rows - first);
        int rowBytes = (int)RowBytes;
        byte[] joined = ArrayPool<byte>.Shared.Rent(rows * rowBytes), part = ArrayPool<byte>.Shared.Rent(rows * rowBytes);
        try
        {
            int column = 0;
            foreach (Tensor tensor in _parts)
            {
                int width = (int)tensor.Dimensions[1] * _elementBytes;
                tensor.Data.Read(first * width, part.AsSpan(0, rows * width));
                for (int row = 0; row < rows; row++)
                    part.AsSpan(row * width, width).CopyTo(joined.AsSpan((row * rowBytes) + column));
                column += width;
            }

            sink(0, first * rowBytes, joined.AsSpan(0, rows * rowBytes));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(joined);
            ArrayPool<byte>.Shared.Return(part);
        }
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is JoinedColumns other && other._parts.Length == _parts.Length
        && other._parts.Zip(_parts).All(p => p.First.ElementType == p.Second.ElementType && p.First.Dimensions.SequenceEqual(p.Second.Dimensions) && p.First.Data.Equals(p.Second.Data));

    /// <inheritdoc/>
    public override int GetHashCode() => _parts.Aggregate(0, (hash, part) => HashCode.Combine(hash, part.Data));

    private static long Width(ImmutableArray<Tensor> parts) => parts.Sum(p => p.Dimensions[1]);
}
