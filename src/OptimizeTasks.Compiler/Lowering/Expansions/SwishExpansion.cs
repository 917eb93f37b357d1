using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Expansions;

/// <summary>x · σ(alpha · x).</summary>
internal sealed class SwishExpansion() : Expansion(CanonicalOperator.Swish)
{
    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        Value x = match.Root.Inputs[0]!;
        float alpha = match.Root.FloatAttribute("alpha", 1);
        Value argument = alpha == 1 ? x : patch.Mul(x, patch.Number(x, alpha));
        return patch.Mul(x, patch.Apply("Sigmoid", [argument]));
    }
}
