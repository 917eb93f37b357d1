namespace OptimizeTasks.Compiler.Calibration;

/// <summary>The squared error that rounding to the codes of a range and saturating cause together.</summary>
internal static class HistogramError
{
    /// <summary>The error summed over the numbers of a histogram, each taken for the middle of its bin.</summary>
    public static double Of(Histogram histogram, ActivationRange range)
    {
        ActivationScale scale = ActivationScale.Asymmetric(range);
        double width = histogram.Width, sum = 0;
        for (int bin = 0; bin < histogram.Counts.Length; bin++)
        {
            long count = histogram.Counts[bin];
            if (count == 0)
                continue;
            double number = histogram.Start(bin) + (width / 2);
            double code = Math.Clamp(Math.Round(number / scale.Scale) + scale.ZeroPoint, byte.MinValue, byte.MaxValue);
            double error = number - ((code - scale.ZeroPoint) * scale.Scale);
            // Inside a bin numbers are spread: their own share, which no range changes, is left out.
            sum += count * error * error;
        }

        return sum;
    }
}
