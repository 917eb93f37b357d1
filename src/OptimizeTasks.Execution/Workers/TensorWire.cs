using OptimizeTasks.Onnx;

namespace OptimizeTasks.Execution.Workers;

/// <summary>
/// How tensors are written between processes of one tool, and kept in a file of one of them: sizes before what they count,
/// numbers little-endian. Both ends are the same assembly, so there are no versions.
/// </summary>
public static class TensorWire
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>Writes tensors by name.</summary>
    public static void Write(BinaryWriter writer, IReadOnlyDictionary<string, Tensor> tensors)
    {
        writer.Write(tensors.Count);
        foreach ((string name, Tensor tensor) in tensors)
        {
            writer.Write(name);
            Write(writer, tensor);
        }
    }

    /// <summary>Reads what was written.</summary>
    /// <exception cref="EndOfStreamException">The stream ends too early.</exception>
    public static Dictionary<string, Tensor> Read(BinaryReader reader)
    {
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        for (int count = reader.ReadInt32(); count > 0; count--)
            tensors.Add(reader.ReadString(), ReadTensor(reader));
        return tensors;
    }

    private static void Write(BinaryWriter writer, Tensor tensor)
    {
        writer.Write((int)tensor.ElementType);
        writer.Write(tensor.Rank);
        foreach (long size in tensor.Dimensions)
            writer.Write(size);
        if (tensor.Data is StringData strings)
        {
            foreach (ReadOnlyMemory<byte> text in strings.Values)
            {
                writer.Write(text.Length);
                writer.Write(text.Span);
            }

            return;
        }

        byte[] chunk = new byte[Math.Min(ChunkBytes, tensor.ByteLength)];
        for (long offset = 0; offset < tensor.ByteLength; offset += ChunkBytes)
        {
            Span<byte> bytes = chunk.AsSpan(0, (int)Math.Min(ChunkBytes, tensor.ByteLength - offset));
            tensor.Data.Read(offset, bytes);
            writer.Write(bytes);
        }
    }

    private static Tensor ReadTensor(BinaryReader reader)
    {
        var type = (ElementType)reader.ReadInt32();
        var dimensions = new long[reader.ReadInt32()];
        long count = 1;
        for (int i = 0; i < dimensions.Length; i++)
            count = checked(count * (dimensions[i] = reader.ReadInt64()));
        return new Tensor(type, dimensions, type == ElementType.String ? ReadStrings(reader, count) : ReadBytes(reader, type.ByteLength(count)));
    }

    private static StringData ReadStrings(BinaryReader reader, long count)
    {
        var texts = new ReadOnlyMemory<byte>[count];
        for (int i = 0; i < texts.Length; i++)
            texts[i] = ReadExactly(reader, reader.ReadInt32());
        return new StringData(texts);
    }

    private static MemoryData ReadBytes(BinaryReader reader, long length) => new(ReadExactly(reader, checked((int)length)));

    private static byte[] ReadExactly(BinaryReader reader, int length)
    {
        var bytes = new byte[length];
        reader.BaseStream.ReadExactly(bytes);
        return bytes;
    }
}
