using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>x / √(mean(x²) + ε) · scale over the last axes, computed in float32 where x is narrower: RMSNormalization-23.</summary>
internal sealed class RmsNormalization : Rule
{
    private readonly Pattern _x = Any();
    private readonly Pattern _scale = Any();
    private readonly Pattern _epsilon = Scalar();
    private readonly Pattern _mean;
    private readonly Pattern _narrowed;

    public RmsNormalization()
    {
        _mean = MeanOfLast(Square(_x));
        Pattern normalized = OverRoot(_x, _mean + _epsilon);
        _narrowed = NormalizedAxes.Narrowed(normalized);
        Formulas = [_narrowed * _scale, normalized * _scale, normalized];
    }

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.RmsNormalization;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match) => NormalizedAxes.Refuse(match[_x], Axis(match), match.Find(_scale)) ?? NormalizedAxes.RefuseCasts(match[_x], match.Find(_narrowed));

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        Value x = NormalizedAxes.Source(match[_x], match.Find(_narrowed));
        return patch.Apply("RMSNormalization", [x, patch.Scale(match.Find(_scale), x.ElementType, match[_x].SizesFrom(Axis(match))!)],
            new IntAttribute("axis", Axis(match)), new FloatAttribute("epsilon", (float)match[_epsilon].Scalar()!.Value));
    }

    private int Axis(Match match) => match[_mean].Producer!.LastAxes()!.Value;
}
