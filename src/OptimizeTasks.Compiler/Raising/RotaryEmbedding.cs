using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>
/// x · cos θ + (−x₂, x₁) · sin θ, where x₁ and x₂ are the halves of the last axis and θ repeats the same angles for both
/// (Su et al., 2021, as Llama's code spells it): RotaryEmbedding-23.
/// </summary>
internal sealed class RotaryEmbedding : Rule
{
    private readonly Pattern _x = Any();
    private readonly Pattern _angles = Any();
    private readonly Pattern _lower;
    private readonly Pattern _upper;

    public RotaryEmbedding()
    {
        Pattern twice = new OperatorPattern("Concat", [_angles, _angles]) { Condition = IsOnLast, IsShareable = true };
        _lower = Part(0);
        _upper = Part(1);
        Pattern turned = Op("Concat", IsOnLast, Op("Neg", _upper), _lower);
        Formulas = [(_x * Broadcast("Cos", twice)) + (turned * Broadcast("Sin", twice))];
    }

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.RotaryEmbedding;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match)
    {
        Value x = match[_x];
        Value angles = match[_angles];
        if (x.Shape is not { Rank: 4 } shape || angles.Shape is not { Rank: 3 } turns || !shape[3].TryGetValue(out long size) || size % 2 != 0)
            return $"'{x.Name}' has not the rank 4, or its last size is odd or not known";
        if (!turns[0].Equals(shape[0]) || !turns[1].Equals(shape[2]) || !turns[2].Equals(Dimension.Of(size / 2)))
            return $"the angles '{angles.Name}' are {turns}, where {shape} is turned";
        if (!IsPart(match[_lower], size, 0, size / 2) || !IsPart(match[_upper], size, size / 2, size))
            return "the parts are not the halves of the last axis";
        return x.ElementType is ElementType.Float or ElementType.Float16 ? null : $"'{x.Name}' is {x.ElementType}";
    }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch) =>
        patch.Apply("RotaryEmbedding", [match[_x], patch.Apply("Cos", [match[_angles]]), patch.Apply("Sin", [match[_angles]])]);

    private static Pattern Broadcast(string function, Pattern angles) =>
        new OperatorPattern("Unsqueeze", [new OperatorPattern(function, [angles]) { IsShareable = true }, Any(IsHeads)]) { IsShareable = true };

    private static string? IsHeads(Value axes) => axes.Integers() is [1] ? null : "is not the axis of the heads";

    private static string? IsOnLast(Node concat) => concat.Inputs.Count == 2 && concat.IsOnLastAxis() ? null : "joins something else";

    /// <summary>A slice, or an output of a Split in two.</summary>
    private Pattern Part(int number) => Op("Slice", _ => null, _x)
        | new OperatorPattern("Split", [_x]) { OutputIndex = number, TakesMore = true, Condition = n => n.Outputs.Count == 2 && n.IsOnLastAxis(0) ? null : "is no Split of the last axis in two" };

    private static bool IsPart(Value part, long size, long start, long end) => part.Producer!.Is("Split")
        ? part.Shape is { Rank: 4 } shape && shape[3].Equals(Dimension.Of(end - start))
        : AxisSlice.Of(part.Producer!) is { Axis: 3 } slice && slice.Size == size && slice.Start == start && slice.End == end;
}
