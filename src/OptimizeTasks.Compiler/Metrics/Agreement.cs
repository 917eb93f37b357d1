namespace OptimizeTasks.Compiler.Metrics;

/// <summary><see cref="Metric.Top1Agreement"/>.</summary>
internal sealed class Agreement() : RowMetric(Metric.Top1Agreement)
{
    public override double Value => Numbers.Least;

    public override double Original => 1;

    public override double Loss => 1 - Value;

    private protected override double Of(Rows expected, Rows? actual, int row) => actual is not null && expected.Greatest(row) == actual.Greatest(row) ? 1 : 0;
}
