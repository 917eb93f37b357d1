using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Expansions;

/// <summary>x · tanh(softplus(x)).</summary>
internal sealed class MishExpansion() : Expansion(CanonicalOperator.Mish)
{
    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        Value x = match.Root.Inputs[0]!;
        return patch.Mul(x, patch.Apply("Tanh", [patch.Apply("Softplus", [x])]));
    }
}
