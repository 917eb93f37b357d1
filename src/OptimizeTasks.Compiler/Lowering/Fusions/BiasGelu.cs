using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>Gelu(x + bias), by erf.</summary>
internal sealed class BiasGelu : Rule
{
    private readonly Pattern _x = Any();
    private readonly Pattern _bias = GeluBias.Any;

    public BiasGelu() => Formulas = [Op("Gelu", n => n.StringAttribute("approximate", "none") == "none" ? null : "is an approximation", _x + _bias)];

    /// <inheritdoc/>
    public override TargetOperator Result => KernelTable.BiasGelu;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match) => GeluBias.Refuse(match[_x], match[_bias]);

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch) => patch.Apply(KernelTable.BiasGelu, [match[_x], match[_bias]]);
}
