namespace OptimizeTasks.Compiler.Searching;

/// <summary>A compiled model on disk.</summary>
/// <param name="Path">The file.</param>
/// <param name="Settings">How it is loaded.</param>
/// <param name="Bytes">Its size, with that of its external data.</param>
/// <param name="Plan">What was quantised; null where nothing was to be.</param>
internal sealed record CandidateModel(string Path, SessionSettings Settings, long Bytes, CompressionPlan? Plan);
