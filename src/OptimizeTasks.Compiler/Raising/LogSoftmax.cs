using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>x − log Σ exp(x) along one axis, with or without the maximum, which may be taken off first or added at the end: LogSoftmax-13.</summary>
internal sealed class LogSoftmax : Rule
{
    private readonly Pattern _x = Any();
    private readonly Pattern _max;
    private readonly Pattern _sum;

    public LogSoftmax()
    {
        _max = AlongOneAxis("ReduceMax", _x);
        Pattern shifted = _x - _max;
        _sum = AlongOneAxis("ReduceSum", Op("Exp", shifted) | Op("Exp", _x));
        Pattern whole = AlongOneAxis("ReduceLogSumExp", _x);
        Formulas = [shifted - Op("Log", _sum), _x - (_max + Op("Log", _sum)), _x - Op("Log", _sum), _x - whole];
    }

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.LogSoftmax;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match)
    {
        bool takesOff = match.Find(_sum)?.Producer!.Inputs[0]!.Producer!.Inputs[0] != match[_x];
        if (match.Has(_sum) && match.Has(_max) != takesOff)
            return "the maximum is taken off at one place only";
        return match.Find(_max)?.Producer!.OnlyAxis() is { } axis && axis != Axis(match) ? "maximum and sum are along different axes" : null;
    }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch) => patch.Apply("LogSoftmax", [match[_x]], new IntAttribute("axis", Axis(match)));

    private int Axis(Match match) => (match.Find(_sum) ?? match.Root.Inputs[1])!.Producer!.OnlyAxis()!.Value;
}
