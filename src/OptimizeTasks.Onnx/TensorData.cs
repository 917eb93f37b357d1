namespace OptimizeTasks.Onnx;

/// <summary>
/// The elements of a tensor as little-endian bytes packed as in <c>raw_data</c>: a reference, read on demand.
/// </summary>
public abstract class TensorData
{
    /// <summary>The number of bytes.</summary>
    public abstract long Length { get; }

    /// <summary>Fills <paramref name="destination"/> with the bytes from <paramref name="offset"/> on.</summary>
    /// <exception cref="ModelFormatException">The file behind the reference is shorter than it was, or cannot be read.</exception>
    public abstract void Read(long offset, Span<byte> destination);

    /// <summary>All bytes, in memory.</summary>
    /// <exception cref="ModelFormatException">As <see cref="Read"/>; also if there are more than 2 GB.</exception>
    public virtual ReadOnlyMemory<byte> ReadAll()
    {
        if (Length > Array.MaxLength)
            throw new ModelFormatException($"A tensor of {Length} bytes is too large to be read at once.");
        var bytes = new byte[Length];
        Read(0, bytes);
        return bytes;
    }
}

/// <summary>Bytes in memory.</summary>
public sealed class MemoryData(ReadOnlyMemory<byte> bytes) : TensorData
{
    /// <inheritdoc/>
    public override long Length => bytes.Length;

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination) => bytes.Span.Slice(checked((int)offset), destination.Length).CopyTo(destination);

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> ReadAll() => bytes;
}

/// <summary>The elements of a string tensor: UTF-8 texts, which have no packed form.</summary>
public sealed class StringData(IReadOnlyList<ReadOnlyMemory<byte>> values) : TensorData
{
    /// <summary>The texts, row-major.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Values => values;

    /// <inheritdoc/>
    public override long Length => values.Sum(v => (long)v.Length);

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination) => throw new InvalidOperationException("A string tensor has no packed bytes.");
}
