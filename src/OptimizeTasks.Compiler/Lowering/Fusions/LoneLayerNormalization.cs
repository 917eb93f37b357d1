using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>
/// LayerNormalization without a sum before it, as that of a sum with zeros: on the CPU the kernel for sums is several
/// times as fast as the one for LayerNormalization alone.
/// </summary>
internal sealed class LoneLayerNormalization : Rule
{
    private readonly Pattern _x = Any();
    private readonly Pattern _scale = Any();

    public LoneLayerNormalization() => Formulas = [Op("LayerNormalization", SkippedSum.RefuseNormalization, _x, _scale)];

    /// <inheritdoc/>
    public override TargetOperator Result => KernelTable.LayerNormalization;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match) =>
        match[_x].Shape is { Rank: >= 2 } shape && shape[^1].TryGetValue(out _) ? null : $"the rank or the last size of '{match[_x].Name}' is not known, or the rank is 1";

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        Value x = match[_x];
        long size = KernelRows.LastSize(x);
        Value zeros = patch.Constant("zeros", Scalars.Fill(x.ElementType, [1, size], 0));
        // What is added is the same for every row: a batch of rows of one token each.
        Value normalized = patch.Apply(KernelTable.LayerNormalization, [patch.Reshape(x, -1, 1, size), zeros, match[_scale], match.Root.Input(2)],
            new FloatAttribute("epsilon", match.Root.FloatAttribute("epsilon", 1e-5f)));
        return patch.ShapedAs(normalized, x);
    }
}
