namespace OptimizeTasks.Compiler;

/// <summary>What the ranges of quantised activations come from.</summary>
/// <param name="Source">The samples, as <see cref="ISampleSource.Description"/> says.</param>
/// <param name="Samples">How many there were.</param>
/// <param name="IsSynthetic">Whether they were drawn.</param>
/// <param name="Method">How the ranges were chosen.</param>
/// <param name="Activations">How many activations have one.</param>
public sealed record CalibrationSummary(string Source, int Samples, bool IsSynthetic, CalibrationMethod Method, int Activations);
