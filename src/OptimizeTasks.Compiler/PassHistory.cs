using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler;

/// <summary>How a compiled model came about, so that the pass behind a difference can be found.</summary>
/// <param name="Passes">The names of the passes that ran, in order.</param>
/// <param name="ModelAfter">
/// The model as it is after the first so many passes, compiled anew: 0 for the original as it was read. The caller of the
/// function disposes of the model.
/// </param>
public sealed record PassHistory(IReadOnlyList<string> Passes, Func<int, Model> ModelAfter);
