using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Expansions;

/// <summary>
/// (a, b) · (cos, −sin; sin, cos) for pairs of the last axis: the halves of the part that turns, or neighbours.
/// </summary>
internal sealed class RotaryEmbeddingExpansion() : Expansion(CanonicalOperator.RotaryEmbedding)
{
    /// <inheritdoc/>
    public override string? Refuse(Match match)
    {
        Value x = match.Root.Inputs[0]!;
        if (x.Shape is not { Rank: 3 or 4 } shape || !shape[^1].TryGetValue(out long width))
            return $"the rank or the last size of '{x.Name}' is not known";
        return shape.Rank == 3 && (Heads(match.Root) <= 0 || width % Heads(match.Root) != 0) ? "the number of heads is not known" : base.Refuse(match);
    }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        Node node = match.Root;
        Value x = node.Inputs[0]!;
        bool isJoined = x.Shape!.Rank == 3;
        x.Shape[^1].TryGetValue(out long width);
        long size = isJoined ? width / Heads(node) : width;
        long turning = node.IntAttribute("rotary_embedding_dim") is > 0 and var part ? part : size;
        Value heads = isJoined ? patch.SplitHeads(x, Heads(node)) : x;
        ImmutableArray<Value> parts = turning == size ? [heads] : Split(patch, heads, turning, size - turning);
        Value cosines = Angles(patch, node, 1);
        Value sines = Angles(patch, node, 2);
        Value turned = node.IntAttribute("interleaved") == 0 ? TurnHalves(patch, parts[0], turning, cosines, sines) : TurnNeighbours(patch, parts[0], turning, cosines, sines);
        Value whole = turning == size ? turned : patch.Concat(-1, turned, parts[1]);
        return isJoined ? patch.JoinHeads(whole) : whole;
    }

    private static long Heads(Node node) => node.IntAttribute("num_heads");

    /// <summary>[batch, 1, sequence, turning / 2].</summary>
    private static Value Angles(Patch patch, Node node, int input) =>
        patch.Unsqueeze(node.Input(3) is { } positions ? patch.Apply("Gather", [node.Inputs[input], positions]) : node.Inputs[input]!, 1);

    private static ImmutableArray<Value> Split(Patch patch, Value x, long first, long second) =>
        patch.Apply("Split", [x, patch.Integers(first, second)], 2, new IntAttribute("axis", -1));

    private static Value TurnHalves(Patch patch, Value x, long turning, Value cosines, Value sines)
    {
        ImmutableArray<Value> halves = Split(patch, x, turning / 2, turning / 2);
        (Value a, Value b) = Turn(patch, halves[0], halves[1], cosines, sines);
        return patch.Concat(-1, a, b);
    }

    private static Value TurnNeighbours(Patch patch, Value x, long turning, Value cosines, Value sines)
    {
        (Value a, Value b) = Turn(patch, EverySecond(patch, x, 0), EverySecond(patch, x, 1), cosines, sines);
        return patch.Reshape(patch.Concat(-1, patch.Unsqueeze(a, -1), patch.Unsqueeze(b, -1)), 0, 0, 0, turning);
    }

    private static Value EverySecond(Patch patch, Value x, long first) =>
        patch.Apply("Slice", [x, patch.Integers(first), patch.Integers(long.MaxValue), patch.Integers(-1), patch.Integers(2)]);

    private static (Value A, Value B) Turn(Patch patch, Value a, Value b, Value cosines, Value sines) =>
        (patch.Sub(patch.Mul(a, cosines), patch.Mul(b, sines)), patch.Add(patch.Mul(b, cosines), patch.Mul(a, sines)));
}
