using System.Collections.Immutable;
using OptimizeTasks.Compiler;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using ElementType = OptimizeTasks.Onnx.ElementType;

namespace OptimizeTasks.Execution.Workers;

/// <summary>
/// How things are written between a worker and its host: every list and every text with its length before it, numbers
/// little-endian. Both ends are the same assembly, so there are no versions.
/// </summary>
internal static class Wire
{
    private const int ChunkBytes = 1 << 20;

    public static void Write(BinaryWriter writer, SessionSettings settings)
    {
        writer.Write((byte)settings.Optimization);
        writer.Write(settings.Provider);
        writer.Write(settings.Threads);
        writer.Write(settings.Configuration.Count);
        foreach ((string key, string value) in settings.Configuration)
        {
            writer.Write(key);
            writer.Write(value);
        }

        Write(writer, settings.CustomOpLibraries);
    }

    public static SessionSettings ReadSettings(BinaryReader reader)
    {
        var settings = new SessionSettings { Optimization = (LoadOptimization)reader.ReadByte(), Provider = reader.ReadString(), Threads = reader.ReadInt32() };
        ImmutableSortedDictionary<string, string>.Builder configuration = settings.Configuration.ToBuilder();
        for (int count = reader.ReadInt32(); count > 0; count--)
            configuration.Add(reader.ReadString(), reader.ReadString());
        return settings with { Configuration = configuration.ToImmutable(), CustomOpLibraries = [.. ReadTexts(reader)] };
    }

    public static void Write(BinaryWriter writer, IReadOnlyCollection<string> texts)
    {
        writer.Write(texts.Count);
        foreach (string text in texts)
            writer.Write(text);
    }

    public static string[] ReadTexts(BinaryReader reader)
    {
        var texts = new string[reader.ReadInt32()];
        for (int i = 0; i < texts.Length; i++)
            texts[i] = reader.ReadString();
        return texts;
    }

    public static void Write(BinaryWriter writer, IReadOnlyDictionary<string, Tensor> tensors)
    {
        writer.Write(tensors.Count);
        foreach ((string name, Tensor tensor) in tensors)
        {
            writer.Write(name);
            Write(writer, tensor);
        }
    }

    public static Dictionary<string, Tensor> ReadTensors(BinaryReader reader)
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
