using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>RMSNormalization of a sum, which others may use as well. (ONNX Runtime calls that normalisation simplified.)</summary>
internal sealed class SkipSimplifiedLayerNormalization : Rule
{
    private readonly SkippedSum _sum = new();
    private readonly Pattern _scale = Any();

    public SkipSimplifiedLayerNormalization() =>
        Formulas = [Op("RMSNormalization", SkippedSum.RefuseNormalization, _sum.WithBias, _scale), Op("RMSNormalization", SkippedSum.RefuseNormalization, _sum.WithoutBias, _scale)];

    /// <inheritdoc/>
    public override TargetOperator Result => KernelTable.SkipSimplifiedLayerNormalization;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override IReadOnlyCollection<Value> Exposed(Match match) => [_sum.Of(match)];

    /// <inheritdoc/>
    public override string? Refuse(Match match) => _sum.Refuse(match);

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch) => _sum.Put(match, patch, KernelTable.SkipSimplifiedLayerNormalization, match[_scale]);
}
