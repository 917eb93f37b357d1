using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Expansions;

/// <summary>½ · x · (1 + erf(x / √2)), or ½ · x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))).</summary>
internal sealed class GeluExpansion() : Expansion(CanonicalOperator.Gelu)
{
    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        Value x = match.Root.Inputs[0]!;
        Value gate = match.Root.StringAttribute("approximate", "none") == "tanh"
            ? patch.Apply("Tanh", [patch.Mul(Cubic(patch, x), patch.Number(x, Math.Sqrt(2 / Math.PI)))])
            : patch.Apply("Erf", [patch.Mul(x, patch.Number(x, Math.Sqrt(0.5)))]);
        return patch.Mul(patch.Mul(x, patch.Number(x, 0.5)), patch.Add(gate, patch.Number(x, 1)));
    }

    private static Value Cubic(Patch patch, Value x) => patch.Add(x, patch.Mul(patch.Mul(patch.Mul(x, x), x), patch.Number(x, 0.044715)));
}
