using OptimizeTasks.Onnx;

namespace OptimizeTasks.Testing.Operators;

/// <summary>Elements of any numeric type, for comparison.</summary>
public static class CaseNumbers
{
    /// <summary>The elements as doubles, which hold what cases compute exactly.</summary>
    public static double[] Of(Tensor tensor) => tensor.ElementType switch
    {
        ElementType.Float => Convert<float>(tensor, n => n),
        ElementType.Double => Convert<double>(tensor, n => n),
        ElementType.Float16 => Convert<Half>(tensor, n => (double)n),
        ElementType.BFloat16 => Convert<ushort>(tensor, n => BitConverter.UInt32BitsToSingle((uint)n << 16)),
        ElementType.Int64 => Convert<long>(tensor, n => n),
        ElementType.Int32 => Convert<int>(tensor, n => n),
        ElementType.Int16 => Convert<short>(tensor, n => n),
        ElementType.Int8 => Convert<sbyte>(tensor, n => n),
        ElementType.UInt64 => Convert<ulong>(tensor, n => n),
        ElementType.UInt32 => Convert<uint>(tensor, n => n),
        ElementType.UInt16 => Convert<ushort>(tensor, n => n),
        ElementType.UInt8 or ElementType.Bool => Convert<byte>(tensor, n => n),
        _ => throw new NotSupportedException($"{tensor.ElementType} has no numbers."),
    };

    private static double[] Convert<T>(Tensor tensor, Func<T, double> convert)
        where T : unmanaged => Array.ConvertAll(tensor.Read<T>().ToArray(), n => convert(n));
}
