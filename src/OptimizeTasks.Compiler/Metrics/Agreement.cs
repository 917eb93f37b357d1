using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Metrics;

/// <summary><see cref="Metric.Top1Agreement"/>.</summary>
internal sealed class Agreement : MetricAccumulator
{
    private readonly Means _agreements = new();

    public override double Value => _agreements.Least;

    public override double Original => 1;

    public override double Loss => 1 - Value;

    private protected override void AddSample(IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> actual, Tensor? label)
    {
        foreach ((string name, Tensor output) in expected.Where(o => Rows.Has(o.Value)))
        {
            var rows = Rows.Of(output);
            Rows? others = Rows.Of(actual[name], output);
            for (int row = 0; row < rows.Count; row++)
                _agreements.Add(name, others is not null && rows.Greatest(row) == others.Greatest(row) ? 1 : 0);
        }

        if (double.IsNaN(Value) && !expected.Values.Any(Rows.CanHave))
            throw Impossible(Metric.Top1Agreement, "no output has rows of scores");
    }
}
