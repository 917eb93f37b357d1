using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting;

/// <summary>The axes that a node works on.</summary>
internal static class Axes
{
    /// <summary>The first axis of a reduction over the last axes, counted from the end: −1 for the last alone; null for other reductions.</summary>
    public static int? LastAxes(this Node reduction)
    {
        if (reduction.Inputs[0]!.Shape?.Rank is not { } rank || (reduction.Input(1) is { } input ? input.Integers() : reduction.IntsAttribute("axes")) is not { Length: > 0 } axes)
            return null;
        long[] sorted = [.. axes.Select(a => a < 0 ? a : a - rank).Distinct().Order()];
        return sorted[^1] == -1 && sorted[0] == -sorted.Length ? (int)sorted[0] : null;
    }

    /// <summary>Whether the attribute names the last axis of the node's first input.</summary>
    public static bool IsOnLastAxis(this Node node, long defaultAxis = -1)
    {
        long axis = node.IntAttribute("axis", defaultAxis);
        return axis == -1 || (node.Inputs[0]!.Shape is { } shape && axis == shape.Rank - 1);
    }
}
