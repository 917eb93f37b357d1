namespace OptimizeTasks.Onnx;

/// <summary>
/// One result of a <see cref="TensorComputation"/>. Nothing of it is kept: every reading computes again what it needs.
/// </summary>
public sealed class ComputedData : TensorData
{
    internal ComputedData(TensorComputation computation, int index, long length)
    {
        Computation = computation;
        Index = index;
        Length = length;
    }

    /// <summary>What computes it.</summary>
    public TensorComputation Computation { get; }

    /// <summary>Which of the computation's results it is.</summary>
    public int Index { get; }

    /// <inheritdoc/>
    public override long Length { get; }

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, Length - offset);
        // Spans cannot be captured.
        var part = new byte[destination.Length];
        (int first, int end) = Computation.PiecesOf(Index, offset, destination.Length);
        for (int piece = first; piece < end; piece++)
        {
            Computation.Compute(piece, (output, start, bytes) =>
            {
                long from = Math.Max(start, offset), to = Math.Min(start + bytes.Length, offset + part.Length);
                if (output == Index && from < to)
                    bytes[(int)(from - start)..(int)(to - start)].CopyTo(part.AsSpan((int)(from - offset)));
            });
        }

        part.CopyTo(destination);
    }

    /// <summary>Whether both are the same result of equal computations.</summary>
    public override bool Equals(object? obj) => obj is ComputedData other && other.Index == Index && other.Computation.Equals(Computation);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Computation, Index);
}
