using System.Numerics;
using System.Runtime.InteropServices;

namespace OptimizeTasks.Compiler.Calibration;

/// <summary>What the samples show of one activation. It takes the same memory however many there are.</summary>
/// <param name="hasHistogram">Whether the distribution is wanted, beside its ends.</param>
internal sealed class ActivationStatistics(bool hasHistogram)
{
    /// <summary>The least number so far.</summary>
    public float Least { get; private set; } = float.PositiveInfinity;

    /// <summary>The greatest number so far.</summary>
    public float Greatest { get; private set; } = float.NegativeInfinity;

    /// <summary>The distribution, or null.</summary>
    public Histogram? Histogram { get; } = hasHistogram ? new Histogram() : null;

    /// <summary>Whether there was any number.</summary>
    public bool IsEmpty => Least > Greatest;

    /// <summary>Adds numbers.</summary>
    /// <returns>Whether all of them are finite; if not, nothing was added.</returns>
    public bool TryAdd(ReadOnlySpan<float> numbers)
    {
        if (numbers.IsEmpty)
            return true;
        (float least, float greatest) = Ends(numbers);
        if (!float.IsFinite(least) || !float.IsFinite(greatest))
            return false;
        Least = Math.Min(Least, least);
        Greatest = Math.Max(Greatest, greatest);
        Histogram?.Add(numbers, Math.Max(Math.Abs(least), Math.Abs(greatest)));
        return true;
    }

    /// <summary>NaN where one is among the numbers.</summary>
    private static (float Least, float Greatest) Ends(ReadOnlySpan<float> numbers)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(numbers);
        float least = numbers[0], greatest = numbers[0];
        if (vectors.Length > 0)
        {
            Vector<float> low = vectors[0], high = vectors[0], check = Vector<float>.Zero;
            foreach (Vector<float> vector in vectors)
            {
                low = Vector.Min(low, vector);
                high = Vector.Max(high, vector);

                // Whether a minimum keeps NaN depends on the processor.
                check += vector * 0f;
            }

            if (Vector.Sum(check) != 0)
                return (float.NaN, float.NaN);

            for (int lane = 0; lane < Vector<float>.Count; lane++)
            {
                least = Math.Min(least, low[lane]);
                greatest = Math.Max(greatest, high[lane]);
            }
        }

        foreach (float number in numbers[(vectors.Length * Vector<float>.Count)..])
        {
            least = Math.Min(least, number);
            greatest = Math.Max(greatest, number);
        }

        return (least, greatest);
    }
}
