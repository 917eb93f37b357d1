using System.Collections.Immutable;
using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>Makes one node, or none, of two that follow each other: transposes, reshapes, lossless casts.</summary>
internal sealed class CollapseChains : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        int changes = 0;
        foreach (Graph current in graph.AllGraphs())
        {
            foreach (Node node in current.Nodes)
            {
                if (node.Input(0)?.Producer is { Domain.Length: 0 } first && TryCollapse(first, node))
                    changes++;
            }
        }

        return changes;
    }

    private static bool TryCollapse(Node first, Node second) => (first.OpType, second.OpType) switch
    {
        _ when second.Domain.Length != 0 || first.Input(0) is null => false,
        ("Transpose", "Transpose") => TryTranspose(first, second),
        ("Cast", "Cast") => TryCast(first, second),
        _ when KeepsOrder(first) && KeepsOrder(second) => TryReshape(first, second),
        _ => false,
    };

    /// <summary>Whether the node gives the same elements, in the same order, another shape.</summary>
    private static bool KeepsOrder(Node node) => node.OpType is "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze";

    private static bool TryTranspose(Node first, Node second)
    {
        if (first.IntsAttribute("perm") is not { } inner || second.IntsAttribute("perm") is not { } outer || inner.Length != outer.Length
            || outer.Any(axis => axis < 0 || axis >= inner.Length))
            return false;
        ImmutableArray<long> both = [.. outer.Select(axis => inner[(int)axis])];
        if (both.Select((axis, i) => axis == i).All(same => same) && second.TryReplaceBy(first.Inputs[0]!))
            return true;
        second.SetInput(0, first.Inputs[0]);
        second.SetAttribute(new IntsAttribute("perm", both));
        return true;
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

    private static bool TryReshape(Node first, Node second)
    {
        Value input = first.Inputs[0]!;
        if (input.Shape is { } shape && shape.Equals(second.Output.Shape) && second.TryReplaceBy(input))
            return true;

        // A 0 in the target takes its size from the input, which would be another one.
        bool independent = second.Is("Reshape") && second.Input(1).Integers() is { } target && (!target.Contains(0) || second.IntAttribute("allowzero") != 0);
        if (!independent)
            return false;
        second.SetInput(0, input);
        return true;
    }
}
