using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>Gelu(x + bias), by tanh.</summary>
internal sealed class FastGelu : Rule
{
    private readonly Pattern _x = Any();
    private readonly Pattern _bias = GeluBias.Any;

    public FastGelu() => Formulas = [Op("Gelu", n => n.StringAttribute("approximate", "none") == "tanh" ? null : "is no approximation", _x + _bias)];

    /// <inheritdoc/>
    public override TargetOperator Result => KernelTable.FastGelu;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match) => GeluBias.Refuse(match[_x], match[_bias]);

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch) => patch.Apply(KernelTable.FastGelu, [match[_x], match[_bias]]);
}
