namespace OptimizeTasks.Compiler.Calibration;

/// <summary>
/// How much of what a distribution says is lost by the codes of a range: the relative entropy between the distribution, with
/// what lies beyond the range at its ends, and the one that knows only how many numbers have each code.
/// </summary>
internal static class HistogramDivergence
{
    private const int Codes = 256;

    /// <summary>What a bin that the codes say is empty counts as: the divergence stays finite, and large.</summary>
    private const double Nearly = 1e-6;

    /// <summary>The divergence, in nats.</summary>
    /// <param name="histogram">The distribution.</param>
    /// <param name="range">The range.</param>
    /// <param name="isSymmetric">Whether codes are signed, 0 in the middle: some of them stand for nothing where the range is uneven.</param>
    public static double Of(Histogram histogram, ActivationRange range, bool isSymmetric = false)
    {
        ReadOnlySpan<long> counts = histogram.Counts;
        ActivationScale scale = isSymmetric ? ActivationScale.Symmetric(range) with { ZeroPoint = ActivationScale.GreatestSigned } : ActivationScale.Asymmetric(range);
        double width = histogram.Width, total = 0;
        int first = Bin(range.Least), last = Math.Max(first, Bin(range.Greatest));

        // Q is made of what lies inside: what saturates is what the codes do not tell apart from it.
        var inside = new double[Codes];
        var filled = new int[Codes];
        for (int bin = first; bin <= last; bin++)
        {
            if (counts[bin] == 0)
                continue;
            inside[Code(bin)] += counts[bin];
            filled[Code(bin)]++;
        }

        double below = 0, above = 0, kept = 0;
        for (int bin = 0; bin < counts.Length; bin++)
        {
            total += counts[bin];
            if (bin < first)
                below += counts[bin];
            else if (bin > last)
                above += counts[bin];
            else
                kept += counts[bin];
        }

        if (kept == 0)
            return double.PositiveInfinity;
        double divergence = 0;
        for (int bin = first; bin <= last; bin++)
        {
            double p = (counts[bin] + (bin == first ? below : 0) + (bin == last ? above : 0)) / total;
            if (p == 0)
                continue;
            double q = counts[bin] == 0 ? Nearly / total : inside[Code(bin)] / filled[Code(bin)] / kept;
            divergence += p * Math.Log(p / q);
        }

        return divergence;

        int Bin(double number) => Math.Clamp((int)Math.Floor(number / width) + (Histogram.BinCount / 2), 0, Histogram.BinCount - 1);

        int Code(int bin) => (int)Math.Clamp(Math.Round((histogram.Start(bin) + (width / 2)) / scale.Scale) + scale.ZeroPoint, 0, Codes - 1);
    }
}
