using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>A rotary embedding of the first part of the last axis, the rest beside it as it is (GPT-NeoX, Phi): RotaryEmbedding-23 turns a part by itself.</summary>
internal sealed class PartialRotary : Rule
{
    private readonly Pattern _x = Any();
    private readonly Pattern _cosines = Any();
    private readonly Pattern _sines = Any();
    private readonly Pattern _first;
    private readonly Pattern _rest;
    private readonly Pattern _turned;

    public PartialRotary()
    {
        _first = Part(0);
        _rest = Part(1);
        _turned = Op("RotaryEmbedding", _first, _cosines, _sines);
        Formulas = [Op("Concat", Rotation.JoinsTwoOnLast, _turned, _rest)];
    }

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.RotaryEmbedding;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match) =>
        match[_x].Shape is { Rank: 4 } shape && shape.Equals(match.Root.Output.Shape) && match[_first].Shape is { } first && first[3].TryGetValue(out long size)
            && IsPart(match[_first], 0, size) && IsPart(match[_rest], size, null)
            ? null : $"'{match[_first].Name}' and '{match[_rest].Name}' are not '{match[_x].Name}' parted in two";

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        match[_first].Shape![3].TryGetValue(out long size);
        return patch.Apply("RotaryEmbedding", [match[_x], match[_cosines], match[_sines]], [.. match[_turned].Producer!.Attributes, new IntAttribute("rotary_embedding_dim", size)]);
    }

    private Pattern Part(int number) => new OperatorPattern("Slice", [_x]) { TakesMore = true, IsShareable = true }
        | new OperatorPattern("Split", [_x]) { OutputIndex = number, TakesMore = true, IsShareable = true, Condition = n => n.Outputs.Count == 2 && n.IsOnLastAxis(0) ? null : "is no Split of the last axis in two" };

    private static bool IsPart(Value part, long start, long? end) => part.Producer!.Is("Split")
        || (AxisSlice.Of(part.Producer!) is { Axis: 3 } slice && slice.Start == start && slice.End == (end ?? slice.Size));
}
