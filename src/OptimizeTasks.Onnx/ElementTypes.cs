namespace OptimizeTasks.Onnx;

/// <summary>Facts about <see cref="ElementType"/>.</summary>
public static class ElementTypes
{
    /// <summary>Bits of one element; 0 for <see cref="ElementType.String"/> and <see cref="ElementType.Undefined"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is no element type of ONNX.</exception>
    public static int BitWidth(this ElementType type) => type switch
    {
        ElementType.Undefined or ElementType.String => 0,
        ElementType.UInt2 or ElementType.Int2 => 2,
        ElementType.UInt4 or ElementType.Int4 or ElementType.Float4E2M1 => 4,
        ElementType.UInt8 or ElementType.Int8 or ElementType.Bool
            or ElementType.Float8E4M3FN or ElementType.Float8E4M3FNUZ
            or ElementType.Float8E5M2 or ElementType.Float8E5M2FNUZ or ElementType.Float8E8M0 => 8,
        ElementType.UInt16 or ElementType.Int16 or ElementType.Float16 or ElementType.BFloat16 => 16,
        ElementType.Float or ElementType.Int32 or ElementType.UInt32 => 32,
        ElementType.Double or ElementType.Int64 or ElementType.UInt64 or ElementType.Complex64 => 64,
        ElementType.Complex128 => 128,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no element type of ONNX"),
    };

    /// <summary>Whether the number is an element type that ONNX defines (<see cref="ElementType.Undefined"/> is not one).</summary>
    public static bool IsKnown(this ElementType type) => type is > ElementType.Undefined and <= ElementType.Int2;

    /// <summary>Whether elements are real floating-point numbers of any width.</summary>
    public static bool IsFloatingPoint(this ElementType type) => type is ElementType.Float or ElementType.Double
        or ElementType.Float16 or ElementType.BFloat16
        or (>= ElementType.Float8E4M3FN and <= ElementType.Float8E5M2FNUZ) or ElementType.Float4E2M1 or ElementType.Float8E8M0;

    /// <summary>Bytes that <paramref name="count"/> elements take, packed as in <c>raw_data</c> (the last byte padded).</summary>
    /// <exception cref="OverflowException">The size exceeds 64 bits.</exception>
    public static long ByteLength(this ElementType type, long count)
    {
        int bits = type.BitWidth();
        return bits >= 8 ? checked(count * (bits / 8)) : checked((count * bits) + 7) / 8;
    }
}
