using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>What the rules for rotary embeddings share: [batch, heads, sequence, size] is turned by [batch, sequence, size / 2].</summary>
internal static class Rotation
{
    /// <summary>The same for every head: [batch, 1, sequence, …] of [batch, sequence, …].</summary>
    public static Pattern ForHeads(Pattern x) => new OperatorPattern("Unsqueeze", [x, Any(IsHeads)]) { IsShareable = true };

    /// <summary>Why <paramref name="x"/> cannot be turned by these; null where it can. The batch of the angles may be 1.</summary>
    public static string? Refuse(Value x, Value angles)
    {
        if (x.ElementType is not (ElementType.Float or ElementType.Float16))
            return $"'{x.Name}' is {x.ElementType}";
        if (x.Shape is not { Rank: 4 } shape || angles.Shape is not { Rank: 3 } turns || !shape[3].TryGetValue(out long size) || size % 2 != 0)
            return $"'{x.Name}' has not the rank 4, or its last size is odd or not known";
        return (turns[0].Equals(shape[0]) || turns[0].Equals(Dimension.Of(1))) && turns[1].Equals(shape[2]) && turns[2].Equals(Dimension.Of(size / 2))
            ? null : $"the angles '{angles.Name}' are {turns}, where {shape} is turned";
    }

    /// <summary>The angles, or their cosines or sines, for every row of the batch.</summary>
    public static Value ForBatch(Patch patch, Value angles, Value x)
    {
        if (angles.Shape![0].Equals(x.Shape![0]))
            return angles;
        Value batch = patch.Apply("Shape", [x], new IntAttribute("start", 0), new IntAttribute("end", 1));
        return patch.Apply("Expand", [angles, patch.Apply("Concat", [batch, patch.Constant("ones", Tensor.OfInt64(1, 1))], new IntAttribute("axis", 0))]);
    }

    /// <summary>Whether the node joins two along the last axis.</summary>
    public static string? JoinsTwoOnLast(Node concat) => concat.Inputs.Count == 2 && concat.IsOnLastAxis() ? null : "joins something else";

    private static string? IsHeads(Value axes) => axes.Integers() is [1] ? null : "is not the axis of the heads";
}
