using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Expansions;

/// <summary>(x − mean(x)) / √(variance + epsilon) · scale + bias.</summary>
internal sealed class LayerNormalizationExpansion() : Expansion(CanonicalOperator.LayerNormalization)
{
    /// <inheritdoc/>
    public override string? Refuse(Match match)
    {
        if (match.Root.Outputs.Skip(1).Any(o => o is { IsUnused: false }))
            return "its statistics are used as well";
        return base.Refuse(match) ?? (match.Root.Inputs[0]!.Shape is null ? $"the rank of '{match.Root.Inputs[0]!.Name}' is not known" : null);
    }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        Value x = patch.Cast(match.Root.Inputs[0]!, match.Root.StashType());
        Value centred = patch.Sub(x, patch.Mean(match.Root, x));
        Value scaled = patch.Normalize(match.Root, centred, patch.Mul(centred, centred));
        return match.Root.Input(2) is { } bias ? patch.Add(scaled, bias) : scaled;
    }
}
