using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>The axes that a Slice cuts.</summary>
internal static class SliceAxes
{
    /// <summary>The axes, from 0 on; null where they are not constant.</summary>
    public static ImmutableArray<long>? Of(Node node)
    {
        if (node.Inputs[0]!.Shape is not { } shape || node.Input(1) is not { } starts)
            return null;
        if (node.Input(3) is { } given)
            return given.Integers() is { } axes ? [.. axes.Select(axis => axis < 0 ? axis + shape.Rank : axis)] : null;
        return starts.Shape is { Rank: 1 } count && count[0].TryGetValue(out long known) ? [.. Enumerable.Range(0, (int)known).Select(axis => (long)axis)] : null;
    }
}
