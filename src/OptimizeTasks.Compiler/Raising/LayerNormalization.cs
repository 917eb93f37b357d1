using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>(x − mean) / √(variance + ε) · scale + bias over the last axes, as PyTorch and TensorFlow spell it, computed in float32 where x is narrower: LayerNormalization-17.</summary>
internal sealed class LayerNormalization : Rule
{
    private readonly Pattern _x = Any();
    private readonly Pattern _scale = Any();
    private readonly Pattern _bias = Any();
    private readonly Pattern _epsilon = Scalar();
    private readonly Pattern _mean;
    private readonly Pattern _variance;
    private readonly Pattern _narrowed;

    public LayerNormalization()
    {
        _mean = MeanOfLast(_x);
        Pattern centred = _x - _mean;
        _variance = MeanOfLast(Square(centred));
        Pattern root = Sqrt(_variance + _epsilon);
        Pattern normalized = OverRoot(centred, _variance + _epsilon);
        Pattern factor = (Op("Reciprocal", root) | (1 / root)) * _scale;
        Pattern tensorFlow = (_x * factor) + (_bias - (_mean * factor));
        _narrowed = NormalizedAxes.Narrowed(normalized);
        Formulas = [tensorFlow, (_narrowed * _scale) + _bias, _narrowed * _scale, (normalized * _scale) + _bias, normalized * _scale, normalized];
    }

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.LayerNormalization;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match) => match[_mean].Producer!.LastAxes() != match[_variance].Producer!.LastAxes()
        ? "mean and variance are over different axes"
        : NormalizedAxes.Refuse(match[_x], Axis(match), match.Find(_scale), match.Find(_bias)) ?? NormalizedAxes.RefuseCasts(match[_x], match.Find(_narrowed));

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        Value x = NormalizedAxes.Source(match[_x], match.Find(_narrowed));
        long[] sizes = match[_x].SizesFrom(Axis(match))!;
        Value scale = patch.Scale(match.Find(_scale), x.ElementType, sizes);
        Value? bias = match.Find(_bias) is { } shift ? patch.WithSizes(shift, sizes) : null;
        return patch.Apply("LayerNormalization", bias is null ? [x, scale] : [x, scale, bias],
            new IntAttribute("axis", Axis(match)), new FloatAttribute("epsilon", (float)match[_epsilon].Scalar()!.Value));
    }

    private int Axis(Match match) => match[_mean].Producer!.LastAxes()!.Value;
}
