using System.Collections.Immutable;

namespace OptimizeTasks.Compiler;

/// <summary>The outputs of two models for one set of inputs.</summary>
/// <param name="Kind">What was drawn, for instance <c>normal, mask left-padded, batch=2, sequence=7</c>.</param>
/// <param name="Sizes">The size of every symbolic dimension.</param>
/// <param name="Outputs">The outputs, in the model's order.</param>
public sealed record VerifiedInput(string Kind, ImmutableSortedDictionary<string, long> Sizes, ImmutableArray<OutputComparison> Outputs)
{
    /// <summary>Whether all outputs agree.</summary>
    public bool Agrees => Outputs.All(o => o.Agrees);

    /// <summary>The greatest relative error.</summary>
    public double Error => Outputs.Max(o => o.Error);
}
