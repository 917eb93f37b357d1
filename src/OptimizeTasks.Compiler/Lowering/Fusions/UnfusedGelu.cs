using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>
/// Gelu(x + bias) where the kernel for both is slower than the two operators. ONNX Runtime chooses that kernel itself when it
/// loads the model, but leaves a bias of two axes alone.
/// </summary>
internal sealed class UnfusedGelu : Rule
{
    private readonly Pattern _x = Any(v => v.Shape is { Rank: >= 2 } ? null : "is not known to have two axes");
    private readonly Pattern _bias = Any(v => v.Constant is { Rank: 1 } ? null : "is no constant of rank 1");

    public UnfusedGelu() => Formulas = [Op("Gelu", n => n.StringAttribute("approximate", "none") == "none" ? null : "is approximated", _x + _bias)];

    /// <inheritdoc/>
    public override TargetOperator Result { get; } = new Apart();

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        Tensor bias = match[_bias].Constant!;
        Value row = patch.Constant("bias", new Tensor(bias.ElementType, [1, .. bias.Dimensions], bias.Data));
        return patch.Apply("Gelu", [patch.Add(match[_x], row)], match.Root.Attributes);
    }

    private sealed record Apart() : TargetOperator("Add and Gelu")
    {
        public override string? Refuse(long opset, CompilerOptions options) =>
            options.Engine == Engine.OnnxRuntime && KernelTable.BiasGelu.RefuseGain(options) is not null ? null : "no slower kernel would be chosen for it";
    }
}
