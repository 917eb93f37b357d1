namespace OptimizeTasks.Onnx.Writing;

/// <summary>Writes forward in large blocks, whatever the pieces.</summary>
internal sealed class BlockWriter(Stream stream, CancellationToken cancellationToken)
{
    private const int BlockSize = 1 << 20;

    private readonly byte[] _block = new byte[BlockSize];
    private int _count;

    /// <summary>Bytes given so far.</summary>
    public long Position { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int count = Math.Min(bytes.Length, BlockSize - _count);
            bytes[..count].CopyTo(_block.AsSpan(_count));
            bytes = bytes[count..];
            Advance(count);
        }
    }

    public void Write(TensorData data)
    {
        for (long offset = 0; offset < data.Length;)
        {
            int count = (int)Math.Min(data.Length - offset, BlockSize - _count);
            data.Read(offset, _block.AsSpan(_count, count));
            offset += count;
            Advance(count);
        }
    }

    /// <summary>Writes zeros up to this position.</summary>
    public void PadTo(long position)
    {
        while (Position < position)
        {
            int count = (int)Math.Min(position - Position, BlockSize - _count);
            _block.AsSpan(_count, count).Clear();
            Advance(count);
        }
    }

    public void Flush()
    {
        cancellationToken.ThrowIfCancellationRequested();
        stream.Write(_block.AsSpan(0, _count));
        _count = 0;
    }

    private void Advance(int count)
    {
        _count += count;
        Position += count;
        if (_count == BlockSize)
            Flush();
    }
}
