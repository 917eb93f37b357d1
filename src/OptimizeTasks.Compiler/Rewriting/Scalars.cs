using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting;

/// <summary>Tensors of one number.</summary>
internal static class Scalars
{
    /// <summary>Whether rules compute with elements of this type.</summary>
    public static bool IsComputable(this ElementType type) => type is ElementType.Float or ElementType.Double or ElementType.Float16;

    /// <summary>The only element of a floating-point constant, whatever its rank; null for anything else.</summary>
    public static double? Scalar(this Value? value) => value?.Constant is not { ElementCount: 1 } tensor ? null : tensor.ElementType switch
    {
        ElementType.Float => tensor.Read<float>()[0],
        ElementType.Double => tensor.Read<double>()[0],
        ElementType.Float16 => (double)tensor.Read<Half>()[0],
        ElementType.BFloat16 => BitConverter.UInt32BitsToSingle((uint)tensor.Read<ushort>()[0] << 16),
        _ => null,
    };

    /// <summary>A tensor of this type and these sizes, every element the same number.</summary>
    public static Tensor Fill(ElementType type, long[] sizes, double value)
    {
        ReadOnlySpan<byte> element = Create(type, value).Data.ReadAll().Span;
        var bytes = new byte[checked(element.Length * (int)sizes.Aggregate(1L, (a, b) => checked(a * b)))];
        for (int i = 0; i < bytes.Length; i += element.Length)
            element.CopyTo(bytes.AsSpan(i));
        return new Tensor(type, sizes, new MemoryData(bytes));
    }

    /// <summary>A scalar of a floating-point type.</summary>
    public static Tensor Create(ElementType type, double value) => type switch
    {
        ElementType.Float => Tensor.Create(type, [], [(float)value]),
        ElementType.Double => Tensor.Create(type, [], [value]),
        ElementType.Float16 => Tensor.Create(type, [], [(Half)value]),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no floating-point type that rules compute with"),
    };
}
