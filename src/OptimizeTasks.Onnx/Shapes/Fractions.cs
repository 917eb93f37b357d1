namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Floats as fractions.</summary>
internal static class Fractions
{
    private const long MaxDenominator = 1 << 10;

    /// <summary>The positive number as a fraction with a small power of two below, such as 1/2 or 3/2; null for others.</summary>
    public static (long Numerator, long Denominator)? Of(float number)
    {
        if (!(number > 0) || number > 1 << 24)
            return null;
        for (long denominator = 1; denominator <= MaxDenominator; denominator *= 2)
        {
            if (number * denominator == MathF.Floor(number * denominator))
                return ((long)(number * denominator), denominator);
        }

        return null;
    }
}
