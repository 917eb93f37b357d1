using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Inputs;

/// <summary>
/// Reads one array in NumPy's format (<c>numpy.lib.format</c>, versions 1 to 3): a magic number, a header that is a Python
/// dictionary (<c>descr</c>, <c>fortran_order</c>, <c>shape</c>), and the elements.
/// </summary>
internal static partial class NpyReader
{
    private const int LongestHeader = 1 << 16;

    /// <summary>The array as a tensor, row-major and little-endian.</summary>
    /// <exception cref="InvalidDataException">The stream holds no array, one that is cut off, or one of a type that ONNX lacks.</exception>
    public static Tensor Read(Stream stream)
    {
        string header = ReadHeader(stream);
        string descriptor = Find(DescriptorPattern(), header, "descr");
        bool isColumnMajor = Find(OrderPattern(), header, "fortran_order") == "True";
        long[] shape = ParseShape(Find(ShapePattern(), header, "shape"));

        (ElementType type, int size) = ParseDescriptor(descriptor);
        byte[] bytes = ReadElements(stream, ByteLength(shape, size));
        if (descriptor[0] == '>')
            Swap(bytes, type == ElementType.String ? 4 : size);
        if (isColumnMajor)
            bytes = ToRowMajor(bytes, shape, size);
        return new Tensor(type, shape, type == ElementType.String ? Texts(bytes, size, descriptor[1] == 'U') : new MemoryData(bytes));
    }

    private static string ReadHeader(Stream stream)
    {
        Span<byte> start = stackalloc byte[8];
        ReadExactly(stream, start);
        if (start[0] != 0x93 || !start[1..6].SequenceEqual("NUMPY"u8))
            throw new InvalidDataException("This is no NumPy array");
        int version = start[6];
        if (version is < 1 or > 3)
            throw new InvalidDataException($"The array is in version {version} of NumPy's format, which is unknown");

        Span<byte> length = stackalloc byte[version == 1 ? 2 : 4];
        ReadExactly(stream, length);
        uint count = version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(length) : BinaryPrimitives.ReadUInt32LittleEndian(length);
        if (count > LongestHeader)
            throw new InvalidDataException("The array's header is too long");
        var header = new byte[count];
        ReadExactly(stream, header);
        return Encoding.UTF8.GetString(header);
    }

    private static string Find(Regex pattern, string header, string key) => pattern.Match(header) is { Success: true } match
        ? match.Groups[1].Value
        : throw new InvalidDataException($"The array's header has no '{key}' that could be understood");

    private static long[] ParseShape(string text)
    {
        string[] sizes = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return Array.ConvertAll(sizes, size => long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new InvalidDataException($"The array has the size '{size}'"));
    }

    private static (ElementType Type, int Size) ParseDescriptor(string descriptor)
    {
        string kind = descriptor[1..];
        if (kind[0] is 'U' or 'S' && int.TryParse(kind[1..], NumberStyles.None, CultureInfo.InvariantCulture, out int length) && length is > 0 and <= LongestHeader)
            return (ElementType.String, kind[0] == 'U' ? 4 * length : length);
        ElementType type = kind switch
        {
            "f2" => ElementType.Float16,
            "f4" => ElementType.Float,
            "f8" => ElementType.Double,
            "i1" => ElementType.Int8,
            "i2" => ElementType.Int16,
            "i4" => ElementType.Int32,
            "i8" => ElementType.Int64,
            "u1" => ElementType.UInt8,
            "u2" => ElementType.UInt16,
            "u4" => ElementType.UInt32,
            "u8" => ElementType.UInt64,
            "b1" => ElementType.Bool,
            _ => throw new InvalidDataException($"The array's elements are '{descriptor}', for which ONNX has no type"),
        };
        return (type, type.BitWidth() / 8);
    }

    private static int ByteLength(long[] shape, int size)
    {
        try
        {
            long bytes = shape.Aggregate((long)size, (product, length) => checked(product * length));
            return bytes <= Array.MaxLength ? (int)bytes : throw new InvalidDataException($"The array takes {bytes} bytes, which is too large");
        }
        catch (OverflowException)
        {
            throw new InvalidDataException("The array has more bytes than can be counted");
        }
    }

    /// <summary>Reads in steps: what the header claims is only allocated as far as the bytes are there.</summary>
    private static byte[] ReadElements(Stream stream, int length)
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

    private static void ReadExactly(Stream stream, Span<byte> destination)
    {
        if (stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length)
            throw new InvalidDataException("The array ends within its header");
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

    [GeneratedRegex(@"'descr'\s*:\s*'([<>=|][a-zA-Z]\d+)'")]
    private static partial Regex DescriptorPattern();

    [GeneratedRegex(@"'fortran_order'\s*:\s*(True|False)")]
    private static partial Regex OrderPattern();

    [GeneratedRegex(@"'shape'\s*:\s*\(([^)]*)\)")]
    private static partial Regex ShapePattern();
}
