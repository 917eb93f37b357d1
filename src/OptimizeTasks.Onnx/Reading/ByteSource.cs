namespace OptimizeTasks.Onnx.Reading;

/// <summary>Bytes of a model that can be read at any place.</summary>
internal abstract class ByteSource
{
    public abstract long Length { get; }

    public abstract void Read(long offset, Span<byte> destination);

    /// <summary>A reference to a range that lies inside.</summary>
    public abstract TensorData Range(long offset, long length);
}

/// <summary>A model in memory.</summary>
internal sealed class MemorySource(ReadOnlyMemory<byte> bytes) : ByteSource
{
    public override long Length => bytes.Length;

    public override void Read(long offset, Span<byte> destination) => bytes.Span.Slice((int)offset, destination.Length).CopyTo(destination);

    public override TensorData Range(long offset, long length) => new MemoryData(bytes.Slice((int)offset, (int)length));
}
