using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>exp(x − max x) / Σ exp(x − max x) along one axis, with or without the maximum: Softmax-13.</summary>
internal sealed class Softmax : Rule
{
    private readonly Pattern _x = Any();
    private readonly Pattern _max;

    public Softmax()
    {
        _max = AlongOneAxis("ReduceMax", _x);
        Pattern shifted = Op("Exp", _x - _max);
        Pattern plain = Op("Exp", _x);
        Formulas = [shifted / AlongOneAxis("ReduceSum", shifted), plain / AlongOneAxis("ReduceSum", plain)];
    }

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.Softmax;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match) =>
        match.Find(_max)?.Producer!.OnlyAxis() is { } axis && axis != Axis(match) ? "maximum and sum are along different axes" : null;

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch) => patch.Apply("Softmax", [match[_x]], new IntAttribute("axis", Axis(match)));

    private static int Axis(Match match) => match.Root.Inputs[1]!.Producer!.OnlyAxis()!.Value;
}
