using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>LayerNormalization of a sum, which others may use as well.</summary>
internal sealed class SkipLayerNormalization : Rule
{
    private readonly SkippedSum _sum = new();
    private readonly Pattern _scale = Any();

    public SkipLayerNormalization() =>
        Formulas = [Op("LayerNormalization", SkippedSum.RefuseNormalization, _sum.WithBias, _scale), Op("LayerNormalization", SkippedSum.RefuseNormalization, _sum.WithoutBias, _scale)];

    /// <inheritdoc/>
    public override TargetOperator Result => KernelTable.SkipLayerNormalization;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override IReadOnlyCollection<Value> Exposed(Match match) => [_sum.Of(match)];

    /// <inheritdoc/>
    public override string? Refuse(Match match) => _sum.Refuse(match);

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch) => _sum.Put(match, patch, KernelTable.SkipLayerNormalization, match[_scale], match.Root.Input(2));
}
