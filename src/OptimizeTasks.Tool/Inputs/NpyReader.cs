using System.Text;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Inputs;

/// <summary>Reads one array in NumPy's format, as a whole or part by part: what was read is not kept.</summary>
internal sealed class NpyReader
{
    private readonly Stream _elements;

    /// <summary>Reads the header.</summary>
    /// <exception cref="InvalidDataException">The stream holds no array, or one of a type that ONNX lacks.</exception>
    public NpyReader(Stream stream)
    {
        Header = NpyHeader.Read(stream);
        // The first part of such an array is spread over all of it.
        _elements = Header is { IsColumnMajor: true, Shape.Length: > 1 }
            ? new MemoryStream(ToRowMajor(ReadBytes(stream, Header.CountBytes(Header.Shape)), Header.Shape, Header.ItemSize))
            : stream;
    }

    /// <summary>What the array is.</summary>
    public NpyHeader Header { get; }

    /// <summary>The array as a tensor, row-major and little-endian.</summary>
    /// <exception cref="InvalidDataException">The stream holds no array, one that is cut off, or one of a type that ONNX lacks.</exception>
    public static Tensor Read(Stream stream)
    {
        var reader = new NpyReader(stream);
        return reader.ReadNext(reader.Header.Shape);
    }

    /// <summary>The next elements, as a tensor of this shape.</summary>
    /// <exception cref="InvalidDataException">The array is cut off.</exception>
    public Tensor ReadNext(ReadOnlySpan<long> shape)
    {
        bool isText = Header.Type == ElementType.String;
        byte[] bytes = ReadBytes(_elements, Header.CountBytes(shape));
        if (Header.IsBigEndian)
            Swap(bytes, isText ? sizeof(int) : Header.ItemSize);
        return new Tensor(Header.Type, shape, isText ? Texts(bytes, Header.ItemSize, Header.IsUtf32) : new MemoryData(bytes));
    }

    /// <summary>Reads in steps: what the header claims is only allocated as far as the bytes are there.</summary>
    private static byte[] ReadBytes(Stream stream, int length)
    {
        const int Step = 1 << 20;
        var bytes = new byte[Math.Min(length, Step)];
        int read = 0;
        while (read < length)
        {
            if (read == bytes.Length)
                Array.Resize(ref bytes, (int)Math.Min(length, 2L * bytes.Length));
            int count = stream.Read(bytes, read, bytes.Length - read);
            if (count == 0)
                throw new InvalidDataException($"The array has {read} bytes of elements instead of {length}");
            read += count;
        }

        return bytes;
    }

    private static void Swap(byte[] bytes, int size)
    {
        for (int i = 0; i < bytes.Length; i += size)
            bytes.AsSpan(i, size).Reverse();
    }

    private static byte[] ToRowMajor(byte[] bytes, long[] shape, int size)
    {
        var result = new byte[bytes.Length];
        var index = new long[shape.Length];
        for (int target = 0; target < bytes.Length; target += size)
        {
            long source = 0;
            for (int axis = shape.Length - 1; axis >= 0; axis--)
                source = (source * shape[axis]) + index[axis];
            bytes.AsSpan((int)source * size, size).CopyTo(result.AsSpan(target));

            for (int axis = shape.Length - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--)
                index[axis] = 0;
        }

        return result;
    }

    /// <summary>Texts of a fixed length, padded with zeros: UTF-32, or bytes.</summary>
    private static StringData Texts(byte[] bytes, int size, bool isUtf32)
    {
        var texts = new ReadOnlyMemory<byte>[bytes.Length / size];
        for (int i = 0; i < texts.Length; i++)
        {
            ReadOnlySpan<byte> text = bytes.AsSpan(i * size, size);
            texts[i] = isUtf32 ? Encoding.UTF8.GetBytes(Encoding.UTF32.GetString(text).TrimEnd('\0')) : text.TrimEnd((byte)0).ToArray();
        }

        return new StringData(texts);
    }
}
