namespace OptimizeTasks.Compiler.Metrics;

/// <summary><see cref="Metric.KullbackLeibler"/>.</summary>
internal sealed class Divergence() : RowMetric(Metric.KullbackLeibler)
{
    public override double Value => Numbers.Greatest;

    public override double Original => 0;

    public override double Loss => Value;

    private protected override double Of(Rows expected, Rows? actual, int row) => actual is null ? double.PositiveInfinity : Between(expected[row], actual[row]);

    private static double Between(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        (double first, double second) = (LogSum(a), LogSum(b));
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            double share = Math.Exp(a[i] - first);
            // What has no share costs nothing, whatever the other says.
            if (share > 0)
                sum += share * (a[i] - first - (b[i] - second));
        }

        return double.IsNaN(sum) ? double.PositiveInfinity : Math.Max(0, sum);
    }

    /// <summary>The logarithm of the sum of the exponentials, which do not overflow.</summary>
    private static double LogSum(ReadOnlySpan<double> numbers)
    {
        double greatest = double.NegativeInfinity;
        foreach (double number in numbers)
            greatest = Math.Max(greatest, number);
        double sum = 0;
        foreach (double number in numbers)
            sum += Math.Exp(number - greatest);
        return greatest + Math.Log(sum);
    }
}
