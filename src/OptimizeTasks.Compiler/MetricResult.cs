namespace OptimizeTasks.Compiler;

/// <summary>What a metric says of two models.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="Original">What it says of the original; for a metric that compares the two, what it says of equal ones.</param>
/// <param name="Compiled">What it says of the compiled model.</param>
/// <param name="Loss">What the compiled model is worse by (<see cref="MetricAccumulator.Loss"/>).</param>
/// <param name="Samples">What it was measured on.</param>
/// <param name="Count">The number of samples.</param>
/// <param name="IsSynthetic">Whether the samples were drawn: they say little of what the model will see.</param>
public sealed record MetricResult(Metric Metric, double Original, double Compiled, double Loss, string Samples, long Count, bool IsSynthetic);
