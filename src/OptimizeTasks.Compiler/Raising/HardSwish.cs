using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>x · clip(x + 3, 0, 6) / 6 (Howard et al., 2019): HardSwish-14.</summary>
internal sealed class HardSwish : Rule
{
    private readonly Pattern _x = Any();

    public HardSwish()
    {
        Pattern sigmoid = Op("HardSigmoid", n => Math.Abs(n.FloatAttribute("alpha", 0.2f) - (1 / 6f)) < 1e-6 && n.FloatAttribute("beta", 0.5f) == 0.5f ? null : "is another HardSigmoid", _x);
        Formulas = [_x * sigmoid, Product(_x, Op("Clip", _x + 3, 0, 6), 1 / 6.0)];
    }

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.HardSwish;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch) => patch.Apply("HardSwish", [match[_x]]);
}
