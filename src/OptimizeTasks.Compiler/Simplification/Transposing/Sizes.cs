using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification.Transposing;

/// <summary>How much values hold, as far as their shapes say.</summary>
internal static class Sizes
{
    /// <summary>The number of elements; null where the rank is unknown.</summary>
    public static Dimension? Elements(Value value) => value.Shape?.Aggregate(Dimension.Of(1L), (product, size) => product * size);

    /// <summary>The number of bits; null where the rank or the type is unknown.</summary>
    public static Dimension? Bits(Value value) =>
        value.ElementType is not (ElementType.Undefined or ElementType.String) && Elements(value) is { } elements ? elements * Dimension.Of((long)value.ElementType.BitWidth()) : null;
}
