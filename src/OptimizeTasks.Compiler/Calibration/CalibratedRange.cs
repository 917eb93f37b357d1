namespace OptimizeTasks.Compiler.Calibration;

/// <summary>Chooses a range from statistics.</summary>
internal static class CalibratedRange
{
    /// <summary>The part of the numbers that <see cref="CalibrationMethod.Percentile"/> keeps.</summary>
    private const double Kept = 0.99999;

    /// <summary>How finely ranges are tried: so many parts of the widest one.</summary>
    private const int Steps = 64;

    /// <summary>Narrower parts lose more than they gain, and take time.</summary>
    private const int FewestSteps = Steps / 4;

    /// <summary>The range; that of 0 alone where no numbers came.</summary>
    /// <param name="statistics">What samples showed.</param>
    /// <param name="method">How it is chosen.</param>
    /// <param name="isSymmetric">Whether codes are signed, 0 in the middle.</param>
    public static ActivationRange Of(ActivationStatistics statistics, CalibrationMethod method, bool isSymmetric = false)
    {
        if (statistics.IsEmpty)
            return default;
        var widest = new ActivationRange(Math.Min(0, statistics.Least), Math.Max(0, statistics.Greatest));
        if (statistics.Histogram is not { } histogram)
            return widest;
        return method switch
        {
            CalibrationMethod.Percentile => Percentile(histogram, widest),
            CalibrationMethod.Entropy => Search(widest, range => HistogramDivergence.Of(histogram, range, isSymmetric)),
            CalibrationMethod.MeanSquaredError => Search(widest, range => HistogramError.Of(histogram, range, isSymmetric)),
            _ => widest,
        };
    }

    private static ActivationRange Percentile(Histogram histogram, ActivationRange widest)
    {
        ReadOnlySpan<long> counts = histogram.Counts;
        long total = 0;
        foreach (long count in counts)
            total += count;
        double beyond = total * (1 - Kept) / 2;
        int first = 0, last = counts.Length - 1;
        for (double passed = counts[first]; passed <= beyond; passed += counts[first])
            first++;
        for (double passed = counts[last]; passed <= beyond; passed += counts[last])
            last--;
        return widest.Within(Math.Min(0, histogram.Start(first)), Math.Max(0, histogram.Start(last + 1)));
    }

    /// <summary>The range with the least cost: first both ends move inwards alike, then each by itself.</summary>
    private static ActivationRange Search(ActivationRange widest, Func<ActivationRange, double> cost)
    {
        (int low, int high) = (Steps, Steps);
        double least = cost(widest);
        Try(step => (step, step));
        if (widest.Least < 0 && widest.Greatest > 0)
        {
            Try(step => (step, high));
            Try(step => (low, step));
        }

        return Part(low, high);

        void Try(Func<int, (int Low, int High)> candidate)
        {
            (int Low, int High) best = (low, high);
            for (int step = Steps; step >= FewestSteps; step--)
            {
                (int Low, int High) tried = candidate(step);
                double costs = cost(Part(tried.Low, tried.High));
                if (costs >= least)
                    continue;
                least = costs;
                best = tried;
            }

            (low, high) = best;
        }

        ActivationRange Part(int lowSteps, int highSteps) => new(widest.Least * lowSteps / Steps, widest.Greatest * highSteps / Steps);
    }
}
