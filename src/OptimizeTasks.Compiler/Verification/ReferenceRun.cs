using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>One set of inputs and what the original makes of it.</summary>
/// <param name="Kind">What was drawn, in words.</param>
/// <param name="Sizes">The size of every symbolic dimension.</param>
/// <param name="Inputs">The inputs by name.</param>
/// <param name="Outputs">The original's outputs by name.</param>
internal sealed record ReferenceRun(
    string Kind,
    ImmutableSortedDictionary<string, long> Sizes,
    IReadOnlyDictionary<string, Tensor> Inputs,
    IReadOnlyDictionary<string, Tensor> Outputs);
