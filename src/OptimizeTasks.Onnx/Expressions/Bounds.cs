namespace OptimizeTasks.Onnx.Expressions;

/// <summary>The least and the greatest value that an expression can have; null where there is no known bound.</summary>
internal readonly record struct Bounds(long? Min, long? Max)
{
    public static readonly Bounds None;
    public static readonly Bounds Size = new(0, null);

    public static Bounds operator +(Bounds a, Bounds b) => new(Add(a.Min, b.Min), Add(a.Max, b.Max));

    /// <summary>The bounds of a product. Only products of factors that are never negative are looked at closely.</summary>
    public static Bounds operator *(Bounds a, Bounds b)
    {
        if (a.Min is not >= 0 || b.Min is not >= 0)
            return None;
        return new Bounds(Multiply(a.Min, b.Min) ?? long.MaxValue, a.Max == 0 || b.Max == 0 ? 0 : Multiply(a.Max, b.Max));
    }

    public static Bounds operator *(long factor, Bounds b) => factor >= 0
        ? new Bounds(Multiply(factor, b.Min), Multiply(factor, b.Max))
        : new Bounds(Multiply(factor, b.Max), Multiply(factor, b.Min));

    private static long? Add(long? a, long? b)
    {
        if (a is not { } x || b is not { } y)
            return null;
        long sum = unchecked(x + y);
        return ((x ^ sum) & (y ^ sum)) < 0 ? null : sum;
    }

    private static long? Multiply(long? a, long? b)
    {
        if (a is not { } x || b is not { } y)
            return null;
        return Math.BigMul(x, y, out long low) == low >> 63 ? low : null;
    }
}
