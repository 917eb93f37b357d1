using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>x · tanh(softplus(x)) (Misra, 2019): Mish-18.</summary>
internal sealed class Mish : Rule
{
    private readonly Pattern _x = Any();

    public Mish() => Formulas = [_x * Tanh(Op("Softplus", _x))];

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.Mish;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch) => patch.Apply("Mish", [match[_x]]);
}
