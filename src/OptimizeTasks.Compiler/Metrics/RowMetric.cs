using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Metrics;

/// <summary>A metric that has a number for each row of scores.</summary>
/// <param name="metric">The metric.</param>
internal abstract class RowMetric(Metric metric) : MetricAccumulator
{
    /// <summary>The means of the numbers.</summary>
    private protected Means Numbers { get; } = new();

    private protected sealed override void AddSample(IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> actual, Tensor? label)
    {
        foreach ((string name, Tensor output) in expected.Where(o => Rows.Has(o.Value)))
        {
            var rows = Rows.Of(output);
            Rows? others = Rows.Of(actual[name], output);
            for (int row = 0; row < rows.Count; row++)
                Numbers.Add(name, Of(rows, others, row));
        }

        if (double.IsNaN(Value) && !expected.Values.Any(Rows.CanHave))
            throw Impossible(metric, "no output has rows of scores");
    }

    /// <summary>The number of a row; <paramref name="actual"/> is null where the output has another shape.</summary>
    private protected abstract double Of(Rows expected, Rows? actual, int row);
}
