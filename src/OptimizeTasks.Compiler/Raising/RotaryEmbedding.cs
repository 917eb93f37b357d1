using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>
/// x · cos θ + (−x₂, x₁) · sin θ, where x₁ and x₂ are the halves of the last axis and θ repeats the same angles for both
/// (Su et al., 2021, as Llama's code spells it), or each half by itself: RotaryEmbedding-23. The rest of the axis may be joined behind.
/// </summary>
internal sealed class RotaryEmbedding : Rule
{
    private readonly Pattern _x = Any();
    private readonly Pattern _angles = Any();
    private readonly Pattern _cosines = Any();
    private readonly Pattern _sines = Any();
    private readonly Pattern _rest = Any();
    private readonly Pattern _lower;
    private readonly Pattern _upper;

    public RotaryEmbedding()
    {
        _lower = Part(0);
        _upper = Part(1);
        Pattern turned = Op("Concat", Rotation.JoinsTwoOnLast, Op("Neg", _upper), _lower);
        Pattern twice = Twice(_angles);
        Pattern cosines = Rotation.ForHeads(_cosines), sines = Rotation.ForHeads(_sines);
        Pattern first = (_lower * cosines) - (_upper * sines);
        Pattern second = (_upper * cosines) + (_lower * sines);
        Formulas =
        [
            (_x * Rotation.ForHeads(Of("Cos", twice))) + (turned * Rotation.ForHeads(Of("Sin", twice))),
            (_x * Rotation.ForHeads(Twice(_cosines))) + (turned * Rotation.ForHeads(Twice(_sines))),
            Op("Concat", Rotation.JoinsTwoOnLast, first, second),
            Op("Concat", n => n.Inputs.Count == 3 && n.IsOnLastAxis() ? null : "joins something else", first, second, _rest),
        ];
    }

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.RotaryEmbedding;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match)
    {
        Value[] turns = match.Has(_angles) ? [match[_angles]] : [match[_cosines], match[_sines]];
        if (turns.Select(t => Rotation.Refuse(match[_x], t)).FirstOrDefault(r => r is not null) is { } reason)
            return reason;
        match[_x].Shape![3].TryGetValue(out long size);
        return IsPart(match[_lower], size, 0, size / 2) && IsPart(match[_upper], size, size / 2, size) ? null : "the parts are not the halves of the last axis";
    }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        Value turned = Turned(match, patch);
        return match.Find(_rest) is { } rest ? patch.Apply("Concat", [turned, rest], new IntAttribute("axis", -1)) : turned;
    }

    private Value Turned(Match match, Patch patch)
    {
        Value x = match[_x];
        if (match.Find(_angles) is not { } angles)
            return patch.Apply("RotaryEmbedding", [x, Rotation.ForBatch(patch, match[_cosines], x), Rotation.ForBatch(patch, match[_sines], x)]);
        angles = Rotation.ForBatch(patch, angles, x);
        return patch.Apply("RotaryEmbedding", [x, patch.Apply("Cos", [angles]), patch.Apply("Sin", [angles])]);
    }

    private static Pattern Of(string function, Pattern angles) => new OperatorPattern(function, [angles]) { IsShareable = true };

    private static Pattern Twice(Pattern half) => new OperatorPattern("Concat", [half, half]) { Condition = Rotation.JoinsTwoOnLast, IsShareable = true };

    /// <summary>A slice, or an output of a Split in two.</summary>
    private Pattern Part(int number) => Op("Slice", _ => null, _x)
        | new OperatorPattern("Split", [_x]) { OutputIndex = number, TakesMore = true, Condition = n => n.Outputs.Count == 2 && n.IsOnLastAxis(0) ? null : "is no Split of the last axis in two" };

    private static bool IsPart(Value part, long size, long start, long end) => part.Producer!.Is("Split")
        ? part.Shape is { Rank: 4 } shape && shape[3].Equals(Dimension.Of(end - start))
        : AxisSlice.Of(part.Producer!) is { Axis: 3 } slice && slice.Size == size && slice.Start == start && slice.End == end;
}
