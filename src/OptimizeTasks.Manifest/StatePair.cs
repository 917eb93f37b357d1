namespace OptimizeTasks.Manifest;

/// <summary>State that a recurrent model hands from one run to the next: an output that feeds an input of the same type.</summary>
/// <param name="Input">The input's name.</param>
/// <param name="Output">The output's name.</param>
public sealed record StatePair(string Input, string Output);
