using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting;

/// <summary>Reads small constants. Large ones are weights and stay on disk.</summary>
internal static class Constants
{
    /// <summary>The largest constant that rules look into: larger than any bias, smaller than a weight.</summary>
    private const long SmallBytes = 64 * 1024;

    /// <summary>The integers of a small constant of type int64 or int32, row-major; null for anything else.</summary>
    public static ImmutableArray<long>? Integers(this Value? value) => value?.Constant switch
    {
        { ElementType: ElementType.Int64, ByteLength: <= SmallBytes } t => [.. t.Read<long>()],
        { ElementType: ElementType.Int32, ByteLength: <= SmallBytes } t => [.. t.Read<int>().ToArray().Select(i => (long)i)],
        _ => null,
    };

    /// <summary>Whether the value is a small constant whose every element equals <paramref name="number"/>.</summary>
    public static bool IsAll(this Value? value, double number)
    {
        if (value?.Constant is not { ByteLength: > 0 and <= SmallBytes } tensor)
            return false;
        return tensor.ElementType switch
        {
            ElementType.Float => All<float>(tensor, e => e == number),
            ElementType.Double => All<double>(tensor, e => e == number),
            ElementType.Float16 => All<Half>(tensor, e => (double)e == number),
            ElementType.BFloat16 => All<ushort>(tensor, e => BitConverter.UInt32BitsToSingle((uint)e << 16) == number),
            ElementType.Int64 => All<long>(tensor, e => e == number),
            ElementType.Int32 => All<int>(tensor, e => e == number),
            ElementType.Int16 => All<short>(tensor, e => e == number),
            ElementType.Int8 => All<sbyte>(tensor, e => e == number),
            ElementType.UInt64 => All<ulong>(tensor, e => e == number),
            ElementType.UInt32 => All<uint>(tensor, e => e == number),
            ElementType.UInt16 => All<ushort>(tensor, e => e == number),
            ElementType.UInt8 or ElementType.Bool => All<byte>(tensor, e => e == number),
            _ => false,
        };
    }

    private static bool All<T>(Tensor tensor, Func<T, bool> holds)
        where T : unmanaged
    {
        foreach (T element in tensor.Read<T>())
        {
            if (!holds(element))
                return false;
        }

        return true;
    }
}
