using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>Reshape, Flatten, Squeeze and Unsqueeze behind each other.</summary>
internal static class ReshapeChains
{
    /// <summary>Makes one of two, or none.</summary>
    /// <param name="first">The first.</param>
    /// <param name="second">The second, which takes the place of both.</param>
    /// <param name="axesAreInputs">Whether the operator set has axes of Squeeze and Unsqueeze as inputs.</param>
    public static bool TryCollapse(Node first, Node second, bool axesAreInputs)
    {
        Value input = first.Inputs[0]!;
        if (input.Shape is { } shape && shape.Equals(second.Output.Shape) && second.TryReplaceBy(input))
            return true;

        // A 0 in the target takes its size from the input, which would be another one.
        if (second.Is("Reshape") && second.Input(1).Integers() is { } target && (!target.Contains(0) || second.IntAttribute("allowzero") != 0))
        {
            second.SetInput(0, input);
            return true;
        }

        if (axesAreInputs && first.OpType == second.OpType && first.OpType is "Squeeze" or "Unsqueeze" && TryAxes(first, second))
            return true;
        return input.Shape is { } from && second.Output.Shape is { } to && ReshapeTargets.Of(from, to) is { } sizes
            && (IsSafe(sizes) || Remains(first) || Remains(second)) && Become(second, input, sizes);
    }

    /// <summary>Whether the target works for every size, 0 included: −1 has no answer beside it.</summary>
    public static bool IsSafe(long[] target) => !target.Contains(-1) || !target.Contains(0);

    /// <summary>Makes the node a Reshape of <paramref name="input"/>.</summary>
    /// <returns>True.</returns>
    public static bool Become(Node node, Value input, long[] target)
    {
        foreach (NodeAttribute attribute in node.Attributes.ToArray())
            node.RemoveAttribute(attribute.Name);
        node.OpType = "Reshape";
        node.SetInput(0, input);
        node.SetInput(1, node.Graph!.AddInitializer(node.Output.Name + "_shape", Tensor.OfInt64(target)));
        return true;
    }

    private static bool Remains(Node node) => node.Is("Reshape") && node.Input(1).Integers() is { } target && target.Contains(-1);

    private static bool TryAxes(Node first, Node second)
    {
        if (first.Inputs[0]!.Shape is not { } shape || first.Input(1).Integers() is not { } inner || second.Input(1).Integers() is not { } outer)
            return false;
        bool adds = first.OpType == "Unsqueeze";
        int rank = adds ? shape.Rank + inner.Length + outer.Length : shape.Rank;
        int middle = adds ? shape.Rank + inner.Length : shape.Rank - inner.Length;
        long[] front = [.. inner.Select(a => a < 0 ? a + (adds ? middle : rank) : a)];
        long[] back = [.. outer.Select(a => a < 0 ? a + (adds ? rank : middle) : a)];
        (long[] direct, long[] through) = adds ? (back, front) : (front, back);
        long[] others = [.. Enumerable.Range(0, rank).Select(i => (long)i).Where(i => !direct.Contains(i))];
        if (through.Any(a => a < 0 || a >= others.Length))
            return false;
        second.SetInput(0, first.Inputs[0]);
        second.SetInput(1, second.Graph!.AddInitializer(second.Output.Name + "_axes", Tensor.OfInt64([.. direct.Concat(through.Select(a => others[a])).Order()])));
        return true;
    }
}
