using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Metrics;

/// <summary><see cref="Metric.Accuracy"/>.</summary>
internal sealed class Accuracy : MetricAccumulator
{
    private long _rows;
    private long _right;
    private long _originallyRight;

    public override double Value => Share(_right);

    public override double Original => Share(_originallyRight);

    /// <summary>The points that were lost; a model that gained some has lost less than none.</summary>
    public override double Loss => Share(_originallyRight - _right);

    private double Share(long rows) => (double)rows / Math.Max(1, _rows);

    private protected override void AddSample(IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> actual, Tensor? label)
    {
        if (label is null)
            throw Impossible(Metric.Accuracy, "the samples have no labels");
        (string name, Tensor output) = expected.FirstOrDefault(o => CanPredict(o.Value));
        if (name is null)
            throw Impossible(Metric.Accuracy, "no output has rows of scores, or numbers of classes");
        ReadOnlySpan<long> labels = label.Read<long>();
        long[] original = Predict(output);
        if (original.Length != labels.Length)
            throw Impossible(Metric.Accuracy, $"a sample has {labels.Length} labels, and the output '{name}' {original.Length} rows");
        long[] compiled = Predict(actual[name]);
        for (int i = 0; i < labels.Length; i++)
        {
            _originallyRight += original[i] == labels[i] ? 1 : 0;
            _right += i < compiled.Length && compiled[i] == labels[i] ? 1 : 0;
        }

        _rows += labels.Length;
    }

    private static bool CanPredict(Tensor output) => Rows.Has(output) || output.ElementType is ElementType.Int64 or ElementType.Int32;

    /// <summary>The class of each row; a model may name it itself.</summary>
    private static long[] Predict(Tensor output)
    {
        switch (output.ElementType)
        {
            case ElementType.Int64:
                return output.Read<long>().ToArray();
            case ElementType.Int32:
                return Array.ConvertAll(output.Read<int>().ToArray(), n => (long)n);
            default:
                var rows = Rows.Of(output);
                return [.. Enumerable.Range(0, rows.Count).Select(row => (long)rows.Greatest(row))];
        }
    }
}
