using System.Collections.Immutable;

namespace OptimizeTasks.Onnx.Shapes;

/// <summary>A small tensor whose elements are followed as expressions. Sizes are numbers; elements are row-major.</summary>
internal sealed class TrackedTensor(long[] sizes, ImmutableArray<Dimension> elements)
{
    /// <summary>Tensors with more elements are not followed: shapes, axes and pads have at most a few per dimension.</summary>
    public const int MaxElements = 64;

    /// <summary>Beyond this, float arithmetic on whole numbers is no longer exact.</summary>
    private const float MaxWholeFloat = 1 << 24;

    public long[] Sizes => sizes;

    public ImmutableArray<Dimension> Elements => elements;

    /// <summary>The elements, if all are numbers.</summary>
    public long[]? Numbers
    {
        get
        {
            var numbers = new long[elements.Length];
            for (int i = 0; i < numbers.Length; i++)
            {
                if (!elements[i].TryGetValue(out numbers[i]))
                    return null;
            }

            return numbers;
        }
    }

    /// <summary>The element at a position. Axes that the tensor lacks, or has once, are broadcast; beyond its sizes, where a graph contradicts itself, nothing is known.</summary>
    public Dimension At(ReadOnlySpan<long> position)
    {
        int index = Positions.IndexOf(position, sizes);
        return index >= 0 && index < elements.Length ? elements[index] : Dimension.UnknownInteger();
    }

    /// <summary>Whether a tensor of this type and shape is followed.</summary>
    public static bool IsTrackable(ElementType type, Shape? shape, out long[] sizes)
    {
        sizes = [];
        return shape is { Rank: <= 8 } && IsTrackable(type) && shape.TryGetSizes(out sizes) && IsSmall(sizes);
    }

    /// <summary>The elements of a constant; null if it is large or they are not whole numbers.</summary>
    public static TrackedTensor? Read(Tensor tensor)
    {
        if (tensor.ElementCount > MaxElements || tensor.Rank > 8 || !IsTrackable(tensor.ElementType))
            return null;
        long[]? numbers = tensor.ElementType switch
        {
            ElementType.Int64 => tensor.Read<long>().ToArray(),
            ElementType.Int32 => Widen<int>(tensor, v => v),
            ElementType.Int16 => Widen<short>(tensor, v => v),
            ElementType.Int8 => Widen<sbyte>(tensor, v => v),
            ElementType.UInt8 or ElementType.Bool => Widen<byte>(tensor, v => v),
            ElementType.UInt16 => Widen<ushort>(tensor, v => v),
            ElementType.UInt32 => Widen<uint>(tensor, v => v),
            ElementType.Float => Whole<float>(tensor, v => v),
            ElementType.Double => Whole<double>(tensor, v => v),
            ElementType.Float16 => Whole<Half>(tensor, v => (double)v),
            _ => null,
        };
        return numbers is null ? null : new TrackedTensor([.. tensor.Dimensions], [.. numbers.Select(Dimension.OfInteger)]);
    }

    private static bool IsTrackable(ElementType type) => type is ElementType.Int64 or ElementType.Int32 or ElementType.Bool or ElementType.Float
        or ElementType.Int16 or ElementType.Int8 or ElementType.UInt8 or ElementType.UInt16 or ElementType.UInt32 or ElementType.Double or ElementType.Float16;

    private static bool IsSmall(long[] sizes)
    {
        long count = 1;
        foreach (long size in sizes)
        {
            if (size > MaxElements)
                return false;
            count *= size;
            if (count > MaxElements)
                return false;
        }

        return true;
    }

    private static long[] Widen<T>(Tensor tensor, Func<T, long> convert)
        where T : unmanaged => [.. tensor.Read<T>().ToArray().Select(convert)];

    private static long[]? Whole<T>(Tensor tensor, Func<T, double> convert)
        where T : unmanaged
    {
        double[] values = [.. tensor.Read<T>().ToArray().Select(convert)];
        return Array.TrueForAll(values, v => Math.Abs(v) <= MaxWholeFloat && v == Math.Floor(v)) ? [.. values.Select(v => (long)v)] : null;
    }
}
