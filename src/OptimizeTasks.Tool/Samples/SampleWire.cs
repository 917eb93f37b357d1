using System.Text;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Samples;

/// <summary>
/// How the arrays of a sample are written on the way from a class's process, and in the file that keeps them. Both ends are
/// the same assembly, so there are no versions.
/// </summary>
internal static class SampleWire
{
    public static void Write(BinaryWriter writer, IReadOnlyDictionary<string, Tensor> arrays)
    {
        writer.Write(arrays.Count);
        foreach ((string name, Tensor array) in arrays)
        {
            writer.Write(name);
            writer.Write((int)array.ElementType);
            writer.Write(array.Rank);
            foreach (long size in array.Dimensions)
                writer.Write(size);
            if (array.Data is StringData strings)
                WriteTexts(writer, strings);
            else
                writer.Write(array.Data.ReadAll().Span);
        }
    }

    /// <exception cref="EndOfStreamException">The stream ends too early.</exception>
    public static Dictionary<string, Tensor> Read(BinaryReader reader)
    {
        var arrays = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        for (int count = reader.ReadInt32(); count > 0; count--)
            arrays.Add(reader.ReadString(), ReadArray(reader));
        return arrays;
    }

    private static Tensor ReadArray(BinaryReader reader)
    {
        var type = (ElementType)reader.ReadInt32();
        var shape = new long[reader.ReadInt32()];
        for (int axis = 0; axis < shape.Length; axis++)
            shape[axis] = reader.ReadInt64();
        long count = shape.Aggregate(1L, (product, size) => checked(product * size));
        return new Tensor(type, shape, type == ElementType.String ? ReadTexts(reader, count) : new MemoryData(ReadBytes(reader, checked((int)type.ByteLength(count)))));
    }

    private static void WriteTexts(BinaryWriter writer, StringData texts)
    {
        foreach (ReadOnlyMemory<byte> text in texts.Values)
            writer.Write(Encoding.UTF8.GetString(text.Span));
    }

    private static StringData ReadTexts(BinaryReader reader, long count)
    {
        var texts = new ReadOnlyMemory<byte>[count];
        for (long i = 0; i < count; i++)
            texts[i] = Encoding.UTF8.GetBytes(reader.ReadString());
        return new StringData(texts);
    }

    private static byte[] ReadBytes(BinaryReader reader, int length)
    {
        var bytes = new byte[length];
        // Not the reader's own method, which takes the end of the stream for an answer.
        reader.BaseStream.ReadExactly(bytes);
        return bytes;
    }
}
