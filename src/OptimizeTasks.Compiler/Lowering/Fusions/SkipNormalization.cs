using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>A normalisation of a sum, which others may use as well.</summary>
internal abstract class SkipNormalization : Rule
{
    private readonly Kernel _kernel;
    private readonly SkippedSum _sum = new();
    private readonly Pattern _scale = Any();

    protected SkipNormalization(string opType, Kernel kernel)
    {
        _kernel = kernel;
        Formulas = [Op(opType, SkippedSum.RefuseNormalization, _sum.WithBias, _scale), Op(opType, SkippedSum.RefuseNormalization, _sum.WithoutBias, _scale)];
    }

    /// <inheritdoc/>
    public override TargetOperator Result => _kernel;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override IReadOnlyCollection<Value> Exposed(Match match) => [_sum.Of(match)];

    /// <inheritdoc/>
    public override string? Refuse(Match match) => _sum.Refuse(match);

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch) => _sum.Put(match, patch, _kernel, [match[_scale], .. Parameters(match.Root)]);

    /// <summary>What the kernel takes behind the scale.</summary>
    protected virtual ImmutableArray<Value?> Parameters(Node normalization) => [];
}
