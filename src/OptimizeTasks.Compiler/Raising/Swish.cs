using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>x · sigmoid(α·x) (SiLU where α is 1): Swish-24.</summary>
internal sealed class Swish : Rule
{
    private readonly Pattern _x = Any();
    private readonly Pattern _alpha = Scalar();

    public Swish() => Formulas = [_x * Sigmoid(_x), _x * Sigmoid(_x * _alpha)];

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.Swish;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch) => patch.Apply("Swish", [match[_x]],
        match.Find(_alpha)?.Scalar() is { } alpha ? [new FloatAttribute("alpha", (float)alpha)] : Array.Empty<NodeAttribute>());
}
