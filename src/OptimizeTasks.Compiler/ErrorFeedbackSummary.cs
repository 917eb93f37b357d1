namespace OptimizeTasks.Compiler;

/// <summary>What rounding with error feedback (<see cref="Corrections.ErrorFeedback"/>) comes from.</summary>
/// <param name="Source">The samples, as <see cref="ISampleSource.Description"/> says.</param>
/// <param name="Samples">How many there were.</param>
/// <param name="IsSynthetic">Whether they were drawn.</param>
/// <param name="Products">How many products have weights that were rounded so.</param>
/// <param name="Parts">In how many goes the samples were looked at: memory may not hold for all products at once.</param>
/// <param name="Runs">How often the model was run.</param>
/// <param name="Bytes">What a temporary file took until the model was written.</param>
public sealed record ErrorFeedbackSummary(string Source, int Samples, bool IsSynthetic, int Products, int Parts, int Runs, long Bytes);
