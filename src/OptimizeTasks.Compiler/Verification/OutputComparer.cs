using System.Globalization;
using System.Numerics;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>Compares an output of the original with the compiled model's.</summary>
internal static class OutputComparer
{
    /// <summary>Compares; <paramref name="smallestMagnitude"/> is the output's ε (<see cref="SmallestMagnitudes"/>).</summary>
    public static OutputComparison Compare(string output, Tensor expected, Tensor actual, double tolerance, double smallestMagnitude = SmallestMagnitudes.Default)
    {
        if (expected.ElementType != actual.ElementType || !expected.Dimensions.SequenceEqual(actual.Dimensions))
            return Disagree(output, tolerance, $"{actual} instead of {expected}");
        return expected.ElementType switch
        {
            ElementType.Float => CompareNumbers(output, expected.Read<float>(), actual.Read<float>(), tolerance, smallestMagnitude),
            ElementType.Double => CompareNumbers(output, expected.Read<double>(), actual.Read<double>(), tolerance, smallestMagnitude),
            ElementType.Float16 => CompareNumbers(output, expected.Read<Half>(), actual.Read<Half>(), tolerance, smallestMagnitude),
            ElementType.BFloat16 => CompareNumbers<float>(output, WidenBFloat16(expected), WidenBFloat16(actual), tolerance, smallestMagnitude),
            ElementType.String => CompareTexts(output, (StringData)expected.Data, (StringData)actual.Data, tolerance),
            _ => CompareBytes(output, expected, actual, tolerance),
        };
    }

    /// <summary>A bfloat16 number is the upper half of a float.</summary>
    internal static float[] WidenBFloat16(Tensor tensor)
    {
        ReadOnlySpan<ushort> halves = tensor.Read<ushort>();
        var numbers = new float[halves.Length];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
        return numbers;
    }

    private static OutputComparison CompareNumbers<T>(string output, ReadOnlySpan<T> expected, ReadOnlySpan<T> actual, double tolerance, double smallestMagnitude)
        where T : INumberBase<T>
    {
        double magnitude = 0, difference = 0, maximum = 0;
        long count = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double a = double.CreateTruncating(expected[i]), b = double.CreateTruncating(actual[i]);
            if (double.IsFinite(a) && double.IsFinite(b))
            {
                count++;
                magnitude += a * a;
                difference += (a - b) * (a - b);
                maximum = Math.Max(maximum, Math.Abs(a - b));
            }
            else if (!a.Equals(b))
            {
                return Disagree(output, tolerance, $"{Text(b)} instead of {Text(a)} at element {Text(i)}");
            }
        }

        double error = count == 0 ? 0 : Math.Sqrt(difference) / Math.Max(Math.Sqrt(magnitude), smallestMagnitude * Math.Sqrt(count));
        // Squares of the largest doubles overflow.
        return double.IsFinite(error) ? new OutputComparison(output, error, maximum, tolerance) : Disagree(output, tolerance, "numbers too large to be compared");
    }

    private static OutputComparison CompareTexts(string output, StringData expected, StringData actual, double tolerance)
    {
        for (int i = 0; i < expected.Values.Count; i++)
        {
            if (!expected.Values[i].Span.SequenceEqual(actual.Values[i].Span))
                return Disagree(output, tolerance, $"another text at element {Text(i)}");
        }

        return new OutputComparison(output, 0, 0, tolerance);
    }

    /// <summary>Integers, truth values, and types that nothing here calculates with.</summary>
    private static OutputComparison CompareBytes(string output, Tensor expected, Tensor actual, double tolerance)
    {
        ReadOnlySpan<byte> a = expected.Data.ReadAll().Span, b = actual.Data.ReadAll().Span;
        if (a.SequenceEqual(b))
            return new OutputComparison(output, 0, 0, tolerance);
        int width = Math.Max(1, expected.ElementType.BitWidth() / 8);
        int different = 0;
        for (int i = 0; i < a.Length; i += width)
            different += a.Slice(i, width).SequenceEqual(b.Slice(i, width)) ? 0 : 1;
        string kind = expected.ElementType == ElementType.Bool ? "truth values" : "integers";
        return Disagree(output, tolerance, $"{Text(different)} of {Text(expected.ElementCount)} {kind} differ");
    }

    public static OutputComparison Disagree(string output, double tolerance, string how) =>
        new(output, double.PositiveInfinity, double.PositiveInfinity, tolerance, how);

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
