using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Expansions;

/// <summary>x · max(0, min(1, x/6 + ½)).</summary>
internal sealed class HardSwishExpansion() : Expansion(CanonicalOperator.HardSwish)
{
    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        Value x = match.Root.Inputs[0]!;
        return patch.Mul(x, patch.Apply("HardSigmoid", [x], new FloatAttribute("alpha", 1f / 6), new FloatAttribute("beta", 0.5f)));
    }
}
