namespace OptimizeTasks.Compiler;

/// <summary>A plan that was compiled, run and timed while the best one was searched.</summary>
/// <param name="Name">What it is: <c>Float</c>, the name of a <see cref="QuantizationMode"/>, or <c>Mixed</c>.</param>
/// <param name="Error">Its error against the original on the samples that were held out, in the metric of the search.</param>
/// <param name="Milliseconds">The least time of a run; null where the machine cannot time the provider.</param>
/// <param name="Bytes">The size of the compiled model.</param>
/// <param name="QuantizedNodes">The number of nodes whose weights are quantised.</param>
/// <param name="Holds">Whether the error is within the budget.</param>
public sealed record PlanCandidate(string Name, double Error, double? Milliseconds, long Bytes, int QuantizedNodes, bool Holds);
