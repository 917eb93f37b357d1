namespace OptimizeTasks.Onnx.Writing;

/// <summary>Writes forward in large blocks, whatever the pieces.</summary>
/// <param name="stream">What is written; it can seek if computed tensors are left out.</param>
/// <param name="leaveOut">Receives computed tensors and their positions, to write them later; null where nothing is left out.</param>
/// <param name="cancellationToken">Ends the work.</param>
internal sealed class BlockWriter(Stream stream, Action<ComputedData, long>? leaveOut, CancellationToken cancellationToken)
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
        if (data is ComputedData computed)
        {
            WriteComputed(computed);
            return;
        }

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

    private void WriteComputed(ComputedData data)
    {
        if (leaveOut is null)
        {
            Write(data.ReadAll().Span);
            return;
        }

        Flush();
        leaveOut(data, Position);
        stream.Position += data.Length;
        Position += data.Length;
    }

    private void Advance(int count)
    {
        _count += count;
        Position += count;
        if (_count == BlockSize)
            Flush();
    }
}
