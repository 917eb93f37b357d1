using OptimizeTasks.Compiler.Metrics;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler;

/// <summary>Judges a compiled model sample by sample. What was added is not kept.</summary>
public abstract class MetricAccumulator
{
    private protected MetricAccumulator()
    {
    }

    /// <summary>The number of samples that were added.</summary>
    public long Samples { get; private set; }

    /// <summary>What the metric says of the compiled model.</summary>
    public abstract double Value { get; }

    /// <summary>What it says of the original; for a metric that compares the two, what it says of equal ones.</summary>
    public abstract double Original { get; }

    /// <summary>
    /// What the compiled model is worse by: comparable with <see cref="CompilerOptions.AccuracyBudget"/>, 0 for equal models,
    /// infinite where outputs cannot be compared. Below 0 where a model is more accurate than its original.
    /// </summary>
    public abstract double Loss { get; }

    /// <summary>An accumulator without samples.</summary>
    public static MetricAccumulator Of(Metric metric) => metric switch
    {
        Metric.RelativeL2 => new RelativeError(),
        Metric.Cosine => new Cosine(),
        Metric.KullbackLeibler => new Divergence(),
        Metric.Top1Agreement => new Agreement(),
        Metric.Accuracy => new Accuracy(),
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "no metric"),
    };

    /// <summary>Adds what the models made of a sample.</summary>
    /// <param name="expected">The outputs of the original.</param>
    /// <param name="actual">Those of the compiled model; others than the original's are not looked at.</param>
    /// <param name="label">What would be right, or null.</param>
    /// <exception cref="CompilationException">The metric needs a label for each row, and there is none (<see cref="Diagnostics.InvalidInputs"/>); or no output has rows.</exception>
    public void Add(IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> actual, Tensor? label)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(actual);
        Samples++;
        AddSample(expected, actual, label);
    }

    private protected abstract void AddSample(IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> actual, Tensor? label);

    private protected static CompilationException Impossible(Metric metric, string why) => new(Diagnostics.InvalidInputs.Create($"{metric} cannot be measured: {why}"));
}
