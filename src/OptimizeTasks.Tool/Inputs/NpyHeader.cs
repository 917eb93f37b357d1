using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Inputs;

/// <summary>What stands before the elements of an array in NumPy's format (<c>numpy.lib.format</c>, versions 1 to 3).</summary>
/// <param name="Type">The type of the elements.</param>
/// <param name="ItemSize">Bytes of one element.</param>
/// <param name="Shape">The sizes.</param>
/// <param name="IsColumnMajor">Whether the first index runs fastest.</param>
/// <param name="IsBigEndian">Whether the highest byte comes first.</param>
/// <param name="IsUtf32">Whether texts are UTF-32 and not bytes.</param>
internal sealed partial record NpyHeader(ElementType Type, int ItemSize, long[] Shape, bool IsColumnMajor, bool IsBigEndian, bool IsUtf32)
{
    private const int LongestHeader = 1 << 16;

    /// <summary>Reads the magic number and the header: a Python dictionary with <c>descr</c>, <c>fortran_order</c> and <c>shape</c>.</summary>
    /// <exception cref="InvalidDataException">The stream holds no array, or one of a type that ONNX lacks.</exception>
    public static NpyHeader Read(Stream stream)
    {
        string header = ReadText(stream);
        string descriptor = Find(DescriptorPattern(), header, "descr");
        bool isColumnMajor = Find(OrderPattern(), header, "fortran_order") == "True";
        long[] shape = ParseShape(Find(ShapePattern(), header, "shape"));
        (ElementType type, int size) = ParseDescriptor(descriptor);
        return new NpyHeader(type, size, shape, isColumnMajor, IsBigEndian: descriptor[0] == '>', IsUtf32: descriptor[1] == 'U');
    }

    /// <summary>The bytes of so many elements.</summary>
    /// <exception cref="InvalidDataException">They are too many.</exception>
    public int CountBytes(ReadOnlySpan<long> shape)
    {
        try
        {
            long bytes = ItemSize;
            foreach (long size in shape)
                bytes = checked(bytes * size);
            return bytes <= Array.MaxLength ? (int)bytes : throw new InvalidDataException($"The array takes {bytes} bytes, which is too large");
        }
        catch (OverflowException)
        {
            throw new InvalidDataException("The array has more bytes than can be counted");
        }
    }

    private static string ReadText(Stream stream)
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

    private static void ReadExactly(Stream stream, Span<byte> destination)
    {
        if (stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length)
            throw new InvalidDataException("The array ends within its header");
    }

    [GeneratedRegex(@"'descr'\s*:\s*'([<>=|][a-zA-Z]\d+)'")]
    private static partial Regex DescriptorPattern();

    [GeneratedRegex(@"'fortran_order'\s*:\s*(True|False)")]
    private static partial Regex OrderPattern();

    [GeneratedRegex(@"'shape'\s*:\s*\(([^)]*)\)")]
    private static partial Regex ShapePattern();
}
