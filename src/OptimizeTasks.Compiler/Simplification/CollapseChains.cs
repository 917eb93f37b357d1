using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>
/// Makes one node, or none, of two that follow each other: transposes, reshapes, lossless casts, slices, concatenations,
/// what is done twice or taken back.
/// </summary>
internal sealed class CollapseChains : Pass
{
    /// <summary>How many slices of a slice become slices of its input.</summary>
    private const int MostSlices = 16;

    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        bool axesAreInputs = context.Model.Opset >= 13;
        int changes = 0;
        foreach (Graph current in graph.AllGraphs())
        {
            foreach (Node node in current.Nodes)
            {
                if (node.Domain.Length == 0 && node.Outputs is [{ }, ..] && TryCollapse(node, axesAreInputs))
                    changes++;
            }
        }

        return changes;
    }

    private static bool TryCollapse(Node second, bool axesAreInputs)
    {
        if (second.OpType == "Concat")
            return ConcatChains.TryCollapse(second);
        if (second.OpType == "Transpose" && Permutation.Of(second) is { } permutation && TryReshape(second, permutation))
            return true;
        if (second.Input(0) is not { OutputIndex: 0, Producer: { Domain.Length: 0 } first } || first.Input(0) is not { } input)
            return false;
        return (first.OpType, second.OpType) switch
        {
            ("Transpose", "Transpose") => TryTranspose(first, second),
            ("Cast", "Cast") => TryCast(first, second),
            ("Neg", "Neg") or ("Not", "Not") => second.TryReplaceBy(input),
            ("Relu", "Relu") or ("Abs", "Abs") or ("Floor", "Floor") or ("Ceil", "Ceil") or ("Round", "Round") or ("Sign", "Sign") => second.TryReplaceBy(first.Output),
            ("Slice", "Slice") => TrySlice(first, second),
            ("Concat", "Split") => ConcatChains.TryCancel(first, second),
            _ when KeepsOrder(first) && KeepsOrder(second) => ReshapeChains.TryCollapse(first, second, axesAreInputs),
            _ => false,
        };
    }

    /// <summary>Whether the node gives the same elements, in the same order, another shape.</summary>
    private static bool KeepsOrder(Node node) => node.OpType is "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze";

    private static bool TryTranspose(Node first, Node second)
    {
        if (Permutation.Of(first) is not { } inner || Permutation.Of(second) is not { } outer || inner.Rank != outer.Rank)
            return false;
        Permutation both = inner.Then(outer);
        if (both.IsIdentity && second.TryReplaceBy(first.Inputs[0]!))
            return true;
        second.SetInput(0, first.Inputs[0]);
        second.SetAttribute(both.ToAttribute());
        return true;
    }

    /// <summary>A transpose that moves nothing but axes of size 1 moves no element.</summary>
    private static bool TryReshape(Node node, Permutation permutation)
    {
        if (permutation.IsIdentity || node.Input(0)?.Shape is not { } shape || shape.Rank != permutation.Rank)
            return false;
        int[] moved = [.. Enumerable.Range(0, shape.Rank).Select(i => permutation[i]).Where(i => !(shape[i].TryGetValue(out long size) && size == 1))];
        return moved.SequenceEqual(moved.Order()) && ReshapeTargets.Of(shape, permutation.Apply(shape)) is { } target
            && ReshapeChains.IsSafe(target) && ReshapeChains.Become(node, node.Inputs[0]!, target);
    }

    private static bool TryCast(Node first, Node second)
    {
        if (!Holds((ElementType)first.IntAttribute("to"), first.Inputs[0]!.ElementType))
            return false;
        second.SetInput(0, first.Inputs[0]);
        return true;
    }

    /// <summary>Whether every number of one type is a number of the other.</summary>
    private static bool Holds(ElementType wide, ElementType narrow) => (narrow, wide) switch
    {
        _ when narrow == wide => narrow != ElementType.Undefined,
        (ElementType.Bool, ElementType.Int8 or ElementType.UInt8 or ElementType.Int32 or ElementType.Int64 or ElementType.Float or ElementType.Double or ElementType.Float16) => true,
        (ElementType.UInt8 or ElementType.Int8, ElementType.Int32 or ElementType.Int64 or ElementType.Float or ElementType.Double or ElementType.Float16) => narrow != ElementType.Int8 || wide != ElementType.UInt8,
        (ElementType.Int32, ElementType.Int64 or ElementType.Double) => true,
        (ElementType.Float16 or ElementType.BFloat16, ElementType.Float or ElementType.Double) => true,
        (ElementType.Float, ElementType.Double) => true,
        _ => false,
    };

    /// <summary>Slices of different axes are one slice of both, if the first then goes.</summary>
    private static bool TrySlice(Node first, Node second)
    {
        if (first.Output is not { IsOutput: false, Uses.Count: <= MostSlices } || first.Inputs[0]!.Shape is not { } shape || SliceOf(first, shape.Rank) is not { } inner
            || !first.Output.Uses.All(u => u.Node.Graph == second.Graph && u.Node.Is("Slice") && SliceOf(u.Node, shape.Rank) is { } other && !inner[2].Intersect(other[2]).Any()))
            return false;
        foreach (Node slice in first.Output.Uses.Select(u => u.Node).ToArray())
        {
            long[][] outer = SliceOf(slice, shape.Rank)!;
            slice.SetInput(0, first.Inputs[0]);
            for (int i = 0; i < inner.Length; i++)
                slice.SetInput(i + 1, slice.Graph!.AddInitializer(slice.Output.Name + "_slice", Tensor.OfInt64([.. inner[i], .. outer[i]])));
        }

        return true;
    }

    /// <summary>Starts, ends, axes from the front, and steps, if all are constant.</summary>
    private static long[][]? SliceOf(Node node, int rank)
    {
        if (node.Input(1).Integers() is not { } starts || node.Input(2).Integers() is not { } ends || starts.Length != ends.Length
            || (node.Input(3) is not null && node.Input(3).Integers() is null) || (node.Input(4) is not null && node.Input(4).Integers() is null))
            return null;
        long[] axes = node.Input(3).Integers() is { } given ? [.. given.Select(a => a < 0 ? a + rank : a)] : [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        long[] steps = node.Input(4).Integers() is { } some ? [.. some] : [.. starts.Select(_ => 1L)];
        return axes.Length == starts.Length && steps.Length == starts.Length ? [[.. starts], [.. ends], axes, steps] : null;
    }
}
