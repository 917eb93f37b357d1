namespace OptimizeTasks.Testing.Operators;

/// <summary>What can be known of an output before the run.</summary>
/// <param name="HasKnownSizes">Whether every size follows from shapes and constants; else some follow from data.</param>
/// <param name="HasKnownRank">Whether the rank does.</param>
public sealed record CaseOutput(bool HasKnownSizes = true, bool HasKnownRank = true);
