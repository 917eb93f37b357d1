using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>Swish: x · σ(alpha · x).</summary>
internal sealed class QuickGelu : Rule
{
    private readonly Pattern _x = Any();

    public QuickGelu() => Formulas = [Op("Swish", _x)];

    /// <inheritdoc/>
    public override TargetOperator Result => KernelTable.QuickGelu;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch) =>
        patch.Apply(KernelTable.QuickGelu, [match[_x]], new FloatAttribute("alpha", match.Root.FloatAttribute("alpha", 1)));
}
