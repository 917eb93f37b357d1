using System.Text;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Testing.Operators;

/// <summary>Element types by the names of the catalogue, and tensors of numbers.</summary>
internal static class CaseValues
{
    private static readonly Dictionary<string, ElementType> s_types = new(StringComparer.Ordinal)
    {
        ["f"] = ElementType.Float,
        ["f64"] = ElementType.Double,
        ["f16"] = ElementType.Float16,
        ["bf16"] = ElementType.BFloat16,
        ["i8"] = ElementType.Int8,
        ["i16"] = ElementType.Int16,
        ["i32"] = ElementType.Int32,
        ["i64"] = ElementType.Int64,
        ["u8"] = ElementType.UInt8,
        ["u16"] = ElementType.UInt16,
        ["u32"] = ElementType.UInt32,
        ["u64"] = ElementType.UInt64,
        ["i4"] = ElementType.Int4,
        ["u4"] = ElementType.UInt4,
        ["i2"] = ElementType.Int2,
        ["u2"] = ElementType.UInt2,
        ["f8e4m3fn"] = ElementType.Float8E4M3FN,
        ["f8e5m2"] = ElementType.Float8E5M2,
        ["b"] = ElementType.Bool,
        ["s"] = ElementType.String,
    };

    private static readonly string[] s_texts = ["text", "Le mot", "tea for two", "e", "TEXT"];

    public static ElementType TypeOf(string name) => s_types.TryGetValue(name, out ElementType type) ? type : throw new FormatException($"No element type is named '{name}'.");

    public static bool IsType(string name) => s_types.ContainsKey(name);

    /// <summary>What elements are drawn from where a case does not say: both signs where there are two, and small.</summary>
    public static (double Low, double High) RangeOf(ElementType type) => type switch
    {
        ElementType.Bool => (0, 1),
        ElementType.UInt8 or ElementType.UInt16 or ElementType.UInt32 or ElementType.UInt64 => (0, 6),
        _ when type.IsFloatingPoint() => (-1, 1),
        _ => (-3, 3),
    };

    public static Tensor Draw(ElementType type, long[] sizes, (double Low, double High) range, Random random)
    {
        var numbers = new double[sizes.Aggregate(1L, (count, size) => count * size)];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = type.IsFloatingPoint()
                ? range.Low + ((range.High - range.Low) * random.NextDouble())
                : random.NextInt64((long)range.Low, (long)range.High + 1);
        }

        return Create(type, sizes, numbers);
    }

    /// <summary>A tensor of these numbers. Types narrower than 8 bits, and floats of 8, get bytes made of them; texts are chosen by them.</summary>
    public static Tensor Create(ElementType type, long[] sizes, double[] numbers)
    {
        return type switch
        {
            ElementType.Float => Of(n => (float)n),
            ElementType.Double => Of(n => n),
            ElementType.Float16 => Of(n => (Half)n),
            ElementType.BFloat16 => Of(n => (ushort)(BitConverter.SingleToUInt32Bits((float)n) >> 16)),
            ElementType.Int64 => Of(n => (long)n),
            ElementType.Int32 => Of(n => (int)n),
            ElementType.Int16 => Of(n => (short)n),
            ElementType.Int8 => Of(n => (sbyte)n),
            ElementType.UInt64 => Of(n => (ulong)n),
            ElementType.UInt32 => Of(n => (uint)n),
            ElementType.UInt16 => Of(n => (ushort)n),
            ElementType.UInt8 or ElementType.Bool => Of(n => (byte)n),
            ElementType.String => new Tensor(type, sizes, new StringData([.. numbers.Select(Text)])),
            _ => new Tensor(type, sizes, new MemoryData(Bytes())),
        };

        Tensor Of<T>(Func<double, T> convert)
            where T : unmanaged => Tensor.Create<T>(type, sizes, Array.ConvertAll(numbers, n => convert(n)));

        byte[] Bytes() => [.. numbers.Take((int)type.ByteLength(numbers.Length)).Select(n => (byte)(Math.Abs(n) * 13))];
    }

    private static ReadOnlyMemory<byte> Text(double number) => Encoding.UTF8.GetBytes(s_texts[Math.Abs((int)number) % s_texts.Length]);
}
