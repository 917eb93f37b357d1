using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Expansions;

/// <summary>x / √(mean(x²) + epsilon) · scale.</summary>
internal sealed class RmsNormalizationExpansion() : Expansion(CanonicalOperator.RmsNormalization)
{
    /// <inheritdoc/>
    public override string? Refuse(Match match) => base.Refuse(match) ?? (match.Root.Inputs[0]!.Shape is null ? $"the rank of '{match.Root.Inputs[0]!.Name}' is not known" : null);

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        Value x = patch.Cast(match.Root.Inputs[0]!, match.Root.StashType());
        return patch.Normalize(match.Root, x, patch.Mul(x, x));
    }
}
