using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting;

/// <summary>The axes that a node works on.</summary>
internal static class Axes
{
    /// <summary>The first axis of a reduction over the last axes, counted from the end: −1 for the last alone; null for other reductions.</summary>
    public static int? LastAxes(this Node reduction) =>
        reduction.ReducedAxes() is { } axes && axes[^1] == -1 && axes[0] == -axes.Length ? (int)axes[0] : null;

    /// <summary>The axis of a reduction over a single one, counted from the end; null for other reductions.</summary>
    public static int? OnlyAxis(this Node reduction) => reduction.ReducedAxes() is [var axis] ? (int)axis : null;

    /// <summary>Whether the attribute names the last axis of the node's first input.</summary>
    public static bool IsOnLastAxis(this Node node, long defaultAxis = -1)
    {
        long axis = node.IntAttribute("axis", defaultAxis);
        return axis == -1 || (node.Inputs[0]!.Shape is { } shape && axis == shape.Rank - 1);
    }

    /// <summary>The axes of a reduction, counted from the end, in order; null where they are not known, or all that there are.</summary>
    private static ImmutableArray<long>? ReducedAxes(this Node reduction)
    {
        if (reduction.Inputs[0]!.Shape?.Rank is not { } rank || (reduction.Input(1) is { } input ? input.Integers() : reduction.IntsAttribute("axes")) is not { Length: > 0 } axes)
            return null;
        return [.. axes.Select(a => a < 0 ? a : a - rank).Distinct().Order()];
    }
}
