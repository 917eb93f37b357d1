namespace OptimizeTasks.Compiler.Calibration;

/// <summary>The squared error that rounding to the codes of a range and saturating cause together.</summary>
internal static class HistogramError
{
    /// <summary>The error summed over the numbers of a histogram, each taken for the middle of its bin.</summary>
    /// <param name="histogram">The distribution.</param>
    /// <param name="range">The range.</param>
    /// <param name="isSymmetric">Whether codes are signed, 0 in the middle.</param>
    public static double Of(Histogram histogram, ActivationRange range, bool isSymmetric = false)
    {
        ActivationScale scale = isSymmetric ? ActivationScale.Symmetric(range) : ActivationScale.Asymmetric(range);
        int least = isSymmetric ? -ActivationScale.GreatestSigned : 0, greatest = isSymmetric ? ActivationScale.GreatestSigned : ActivationScale.GreatestUnsigned;
        double width = histogram.Width, sum = 0;
        for (int bin = 0; bin < histogram.Counts.Length; bin++)
        {
            long count = histogram.Counts[bin];
            if (count == 0)
                continue;
            double number = histogram.Start(bin) + (width / 2);
            double code = Math.Clamp(Math.Round(number / scale.Scale) + scale.ZeroPoint, least, greatest);
            double error = number - ((code - scale.ZeroPoint) * scale.Scale);
            // Inside a bin numbers are spread: their own share, which no range changes, is left out.
            sum += count * error * error;
        }

        return sum;
    }
}
