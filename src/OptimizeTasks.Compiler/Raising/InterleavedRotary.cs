using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>
/// Neighbours (x₀, x₁) of the last axis turned to (x₀·cos θ − x₁·sin θ, x₁·cos θ + x₀·sin θ), pair by pair (GPT-J, and Llama's first
/// code): RotaryEmbedding-23, interleaved.
/// </summary>
internal sealed class InterleavedRotary : Rule
{
    private readonly Pattern _x = Any();
    private readonly Pattern _cosines = Any();
    private readonly Pattern _sines = Any();

    public InterleavedRotary()
    {
        Pattern even = Op("Slice", n => IsEverySecond(n, 0), _x);
        Pattern odd = Op("Slice", n => IsEverySecond(n, 1), _x);
        Pattern cosines = Rotation.ForHeads(_cosines), sines = Rotation.ForHeads(_sines);
        Pattern each = Neighbours((even * cosines) - (odd * sines), (odd * cosines) + (even * sines));
        Pattern whole = (_x * TwiceForHeads(_cosines)) + (Neighbours(Op("Neg", odd), even) * TwiceForHeads(_sines));
        Formulas = [each, whole];
    }

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.RotaryEmbedding;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match) => Rotation.Refuse(match[_x], match[_cosines]) ?? Rotation.Refuse(match[_x], match[_sines])
        ?? (match.Root.Output.Shape is { } shape && shape.Equals(match[_x].Shape) ? null : $"'{match.Root.Output.Name}' does not have the shape of '{match[_x].Name}'");

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch) => patch.Apply("RotaryEmbedding",
        [match[_x], Rotation.ForBatch(patch, match[_cosines], match[_x]), Rotation.ForBatch(patch, match[_sines], match[_x])], new IntAttribute("interleaved", 1));

    /// <summary>[…, n] and […, n] to […, 2·n], one of each in turn.</summary>
    private static Pattern Neighbours(Pattern first, Pattern second) => new OperatorPattern("Reshape", [Stacked(first, second), Any()]) { Condition = FlattensLast, IsShareable = true };

    /// <summary>Every number twice, [batch, 1, sequence, 2·n]: two Reshapes that may have become one.</summary>
    private static Pattern TwiceForHeads(Pattern x) => Rotation.ForHeads(Neighbours(x, x))
        | new OperatorPattern("Reshape", [Stacked(x, x), Any()]) { Condition = FlattensLastForHeads, IsShareable = true };

    private static Pattern Stacked(Pattern first, Pattern second) =>
        new OperatorPattern("Concat", [OnNewAxis(first), OnNewAxis(second)]) { Condition = Rotation.JoinsTwoOnLast, IsShareable = true };

    private static Pattern OnNewAxis(Pattern x) => new OperatorPattern("Unsqueeze", [x, Any()])
    {
        Condition = n => n.Input(1).Integers() is [var axis] && n.Inputs[0]!.Shape is { } shape && (axis == -1 || axis == shape.Rank) ? null : "puts the new axis elsewhere",
        IsShareable = true,
    };

    private static string? FlattensLast(Node reshape) => reshape.Inputs[0]!.Shape is { Rank: >= 2 } pairs && reshape.Output.Shape is { } flat
        && pairs[^1].Equals(Dimension.Of(2)) && flat.Rank == pairs.Rank - 1 && flat.Take(flat.Rank - 1).SequenceEqual(pairs.Take(flat.Rank - 1)) ? null : "does not put pairs behind each other";

    private static string? FlattensLastForHeads(Node reshape) => reshape.Inputs[0]!.Shape is { Rank: 4 } pairs && reshape.Output.Shape is { Rank: 4 } flat
        && pairs[3].Equals(Dimension.Of(2)) && flat[0].Equals(pairs[0]) && flat[1].Equals(Dimension.Of(1)) && flat[2].Equals(pairs[1]) ? null : "does not put pairs behind each other for all heads";

    private static string? IsEverySecond(Node slice, long first) => slice.Input(1).Integers() is [var start] && start == first && slice.Input(4).Integers() is [2]
        && slice.Input(2).Integers() is [var end] && slice.Inputs[0]!.Shape is { } shape && shape[^1].TryGetValue(out long size) && end >= size
        && slice.Input(3).Integers() is [var axis] && (axis == -1 || axis == shape.Rank - 1) ? null : "is not every second one";
}
