using OptimizeTasks.Manifest;

namespace OptimizeTasks.Runtime.Calling;

/// <summary>How many bytes elements take.</summary>
internal static class ElementSizes
{
    /// <summary>The bytes of a tensor.</summary>
    /// <exception cref="OverflowException">It is larger than the address space.</exception>
    public static nuint BytesOf(ElementType type, ReadOnlySpan<nint> dimensions)
    {
        nuint count = 1;
        foreach (nint dimension in dimensions)
            count = checked(count * (nuint)dimension);
        return checked(count * SizeOf(type));
    }

    private static nuint SizeOf(ElementType type) => type switch
    {
        ElementType.UInt8 or ElementType.Int8 or ElementType.Bool => 1,
        ElementType.UInt16 or ElementType.Int16 or ElementType.Float16 or ElementType.BFloat16 => 2,
        ElementType.Float or ElementType.Int32 or ElementType.UInt32 => 4,
        ElementType.Double or ElementType.Int64 or ElementType.UInt64 => 8,
        _ => throw new NotSupportedException($"tensors of {type.OnnxName()} have no type in C#: use OrtValue"),
    };
}
