using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Metrics;

/// <summary><see cref="Metric.RelativeL2"/>.</summary>
internal sealed class RelativeError : MetricAccumulator
{
    private readonly Means _squares = new();

    public override double Value => Math.Sqrt(_squares.Greatest);

    public override double Original => 0;

    public override double Loss => Value;

    private protected override void AddSample(IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> actual, Tensor? label)
    {
        foreach ((string name, Tensor output) in expected)
        {
            double error = OutputComparison.Between(name, output, actual[name], 0).Error;
            _squares.Add(name, error * error);
        }
    }
}
