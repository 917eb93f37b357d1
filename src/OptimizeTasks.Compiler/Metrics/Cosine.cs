using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Metrics;

/// <summary><see cref="Metric.Cosine"/>.</summary>
internal sealed class Cosine : MetricAccumulator
{
    private readonly Means _cosines = new();

    public override double Value => _cosines.Least;

    public override double Original => 1;

    public override double Loss => 1 - Value;

    private protected override void AddSample(IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> actual, Tensor? label)
    {
        foreach ((string name, Tensor output) in expected.Where(o => Rows.IsReal(o.Value)))
            _cosines.Add(name, Rows.Of(actual[name], output) is { } rows ? Between(Rows.Of(output).Numbers, rows.Numbers) : double.NegativeInfinity);
        if (double.IsNaN(Value))
            throw Impossible(Metric.Cosine, "no output has floating-point numbers");
    }

    /// <summary>Zeros point nowhere: they agree with zeros alone.</summary>
    private static double Between(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double product = 0, first = 0, second = 0;
        for (int i = 0; i < a.Length; i++)
        {
            // What the original makes infinite says nothing of directions.
            if (!double.IsFinite(a[i]))
                continue;
            product += a[i] * b[i];
            first += a[i] * a[i];
            second += b[i] * b[i];
        }

        double cosine = first == 0 || second == 0 ? (first == second ? 1 : 0) : product / Math.Sqrt(first) / Math.Sqrt(second);
        return double.IsNaN(cosine) ? double.NegativeInfinity : Math.Min(1, cosine);
    }
}
