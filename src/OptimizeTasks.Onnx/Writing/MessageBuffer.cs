using System.Buffers;
using Google.Protobuf;

namespace OptimizeTasks.Onnx.Writing;

/// <summary>A message in writing: bytes, and places between them where the bytes of tensors go.</summary>
internal sealed class MessageBuffer
{
    private const int BlockSize = 64 << 10;

    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<(int Position, TensorData Data)> _tensors = [];
    private long _tensorBytes;

    /// <summary>The length of the message, tensors included.</summary>
    public long Length => _bytes.WrittenCount + _tensorBytes;

    /// <summary>The tensors in order.</summary>
    public IEnumerable<TensorData> Tensors => _tensors.Select(t => t.Data);

    /// <summary>Whether both have the same bytes; those of tensors are read only where they may be the same.</summary>
    public bool IsSame(MessageBuffer other) => Length == other.Length && _bytes.WrittenSpan.SequenceEqual(other._bytes.WrittenSpan)
        && _tensors.Count == other._tensors.Count && _tensors.Zip(other._tensors).All(p => p.First.Position == p.Second.Position && AreSame(p.First.Data, p.Second.Data));

    public void Append(ReadOnlySpan<byte> fields) => _bytes.Write(fields);

    public void Append(int field, IMessage message)
    {
        AppendTag(field, message.CalculateSize());
        message.WriteTo(_bytes);
    }

    public void Append(int field, MessageBuffer message)
    {
        AppendTag(field, message.Length);
        int start = _bytes.WrittenCount;
        _bytes.Write(message._bytes.WrittenSpan);
        foreach ((int position, TensorData data) in message._tensors)
            _tensors.Add((start + position, data));
        _tensorBytes += message._tensorBytes;
    }

    public void Append(int field, TensorData data)
    {
        AppendTag(field, data.Length);
        if (data.Length == 0)
            return;
        _tensors.Add((_bytes.WrittenCount, data));
        _tensorBytes += data.Length;
    }

    public void WriteTo(BlockWriter writer)
    {
        int written = 0;
        foreach ((int position, TensorData data) in _tensors)
        {
            writer.Write(_bytes.WrittenSpan[written..position]);
            writer.Write(data);
            written = position;
        }

        writer.Write(_bytes.WrittenSpan[written..]);
    }

    private static bool AreSame(TensorData a, TensorData b)
    {
        if (a.Equals(b))
            return true;
        if (a.Length != b.Length || a is ComputedData || b is ComputedData)
            return false;
        byte[] first = ArrayPool<byte>.Shared.Rent(BlockSize), second = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            for (long offset = 0; offset < a.Length; offset += BlockSize)
            {
                int count = (int)Math.Min(BlockSize, a.Length - offset);
                a.Read(offset, first.AsSpan(0, count));
                b.Read(offset, second.AsSpan(0, count));
                if (!first.AsSpan(0, count).SequenceEqual(second.AsSpan(0, count)))
                    return false;
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(first);
            ArrayPool<byte>.Shared.Return(second);
        }
    }

    private void AppendTag(int field, long length)
    {
        AppendVarint(WireFormat.MakeTag(field, WireFormat.WireType.LengthDelimited));
        AppendVarint((ulong)length);
    }

    private void AppendVarint(ulong value)
    {
        Span<byte> bytes = stackalloc byte[10];
        int count = 0;
        for (; value >= 0x80; value >>= 7)
            bytes[count++] = (byte)(value | 0x80);
        bytes[count++] = (byte)value;
        _bytes.Write(bytes[..count]);
    }
}
