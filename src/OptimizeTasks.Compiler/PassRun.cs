namespace OptimizeTasks.Compiler;

/// <summary>One run of one pass.</summary>
/// <param name="Step">The number of the run in this compilation, from 1.</param>
/// <param name="Phase">The phase.</param>
/// <param name="Pass">The pass's name.</param>
/// <param name="Changes">How many changes it made.</param>
/// <param name="Duration">How long it took. Never part of a deterministic output.</param>
public sealed record PassRun(int Step, Phase Phase, string Pass, int Changes, TimeSpan Duration);
