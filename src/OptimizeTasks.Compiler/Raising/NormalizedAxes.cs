using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>The axes that a normalisation goes over, and the scale and bias that have their sizes.</summary>
internal static class NormalizedAxes
{
    private const int LargestScale = 1 << 20;

    /// <summary>The sizes of the last axes from <paramref name="axis"/> (negative) on; null where one is not a number.</summary>
    public static long[]? SizesFrom(this Value value, int axis)
    {
        if (value.Shape is not { } shape || shape.Rank < -axis)
            return null;
        var sizes = new long[-axis];
        for (int i = 0; i < sizes.Length; i++)
        {
            if (!shape[shape.Rank + axis + i].TryGetValue(out sizes[i]))
                return null;
        }

        return sizes;
    }

    /// <summary>Why these cannot be what is normalised from <paramref name="axis"/> (negative) on, its scale and its bias; null where they can. A scale that is absent will be ones.</summary>
    public static string? Refuse(Value x, int axis, Value? scale, Value? bias = null)
    {
        if (!x.ElementType.IsComputable())
            return $"'{x.Name}' is {x.ElementType}";
        if (x.SizesFrom(axis) is not { } sizes)
            return $"the sizes of '{x.Name}' that are normalised are not known";
        if (scale is null && sizes.Aggregate(1.0, (a, b) => a * b) > LargestScale)
            return "a scale of ones would take too much room";
        return new[] { scale, bias }.FirstOrDefault(v => v is not null && !v.Fits(sizes)) is { } other
            ? $"'{other.Name}' does not have the sizes [{string.Join(", ", sizes)}]"
            : null;
    }

    /// <summary>What was normalised in a wider type, before it is scaled.</summary>
    public static Pattern Narrowed(Pattern normalized) => Formula.Op("Cast", _ => null, normalized);

    /// <summary>Why a normalisation is not one of a narrower type: <paramref name="x"/> must come from that type. Null where it is, or where nothing is narrowed.</summary>
    public static string? RefuseCasts(Value x, Value? narrowed) => narrowed is null || Source(x, narrowed) != x
        ? null : $"'{x.Name}' is not made of {narrowed.ElementType}";

    /// <summary>What is normalised in its own type: operators for normalisation compute in float32 by themselves.</summary>
    public static Value Source(Value x, Value? narrowed) => narrowed is not null && x is { ElementType: ElementType.Float, Producer: { } cast } && cast.Is("Cast")
        && cast.Inputs[0] is { ElementType: ElementType.Float16 or ElementType.BFloat16 } source && source.ElementType == narrowed.ElementType ? source : x;

    /// <summary>The scale, or one of ones where there is none.</summary>
    public static Value Scale(this Patch patch, Value? scale, ElementType type, long[] sizes) =>
        scale is null ? patch.Constant("ones", Scalars.Fill(type, sizes, 1)) : patch.WithSizes(scale, sizes);

    /// <summary>A constant without the sizes of 1 in front; other values as they are.</summary>
    public static Value WithSizes(this Patch patch, Value value, long[] sizes) =>
        value.Constant is { } tensor && tensor.Rank > sizes.Length ? patch.Constant(value.Name, new Tensor(tensor.ElementType, sizes, tensor.Data)) : value;

    /// <summary>Whether the value has these sizes, or is a constant that has them behind sizes of 1.</summary>
    private static bool Fits(this Value value, long[] sizes) => value.Shape is { } shape && shape.TryGetSizes(out long[] own)
        && own.Length >= sizes.Length && own.AsSpan(own.Length - sizes.Length).SequenceEqual(sizes)
        && (own.Length == sizes.Length || (value.Constant is not null && own.Take(own.Length - sizes.Length).All(s => s == 1)));
}
