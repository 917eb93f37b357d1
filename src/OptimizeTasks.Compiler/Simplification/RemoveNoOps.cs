using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>Removes nodes whose output is provably one of their inputs, with the same shape.</summary>
internal sealed class RemoveNoOps : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        int changes = 0;
        foreach (Graph current in graph.AllGraphs())
        {
            foreach (Node node in current.Nodes)
            {
                if (node.Domain.Length == 0 && node.Outputs is [{ }, ..] && SameAs(node) is { } value && node.TryReplaceBy(value))
                    changes++;
            }
        }

        return changes;
    }

    /// <summary>The input that the first output equals, or null.</summary>
    private static Value? SameAs(Node node) => node.OpType switch
    {
        "Identity" => node.Input(0),
        "Dropout" => node.Input(2) is { } training && !training.IsAll(0) ? null : node.Input(0),
        "Cast" => When(node, node.Input(0)?.ElementType == (ElementType)node.IntAttribute("to")),
        "CastLike" => When(node, node.Input(0) is { ElementType: not ElementType.Undefined } x && x.ElementType == node.Input(1)?.ElementType),
        "Concat" or "Sum" or "Max" or "Min" or "Mean" => When(node, node.Inputs.Count == 1),
        "Transpose" => When(node, IsIdentity(node)),
        "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze" => When(node, KeepsShape(node)),
        "Expand" => When(node, KeepsShape(node) || IsBroadcastAnyway(node)),
        "Clip" => When(node, node.Input(1) is null && node.Input(2) is null && node.Attributes.Count == 0),
        "Gather" => When(node, TakesAll(node)),
        "ReduceMax" or "ReduceMean" or "ReduceMin" or "ReduceProd" or "ReduceSum" => When(node, KeepsShape(node) && ReducesOnlyOnes(node)),
        "Resize" => When(node, KeepsShape(node) && (node.Input(2) is { } scales ? scales.IsAll(1) : node.Input(3) is not null)
            && node.StringAttribute("coordinate_transformation_mode") != "tf_crop_and_resize"),
        "Slice" => When(node, KeepsShape(node) && (node.Input(4) is not { } steps || steps.IsAll(1))),
        "Pad" => When(node, node.Input(1) is { } pads ? pads.IsAll(0) : node.IntsAttribute("pads") is { } p && p.All(e => e == 0)),
        "Tile" => When(node, node.Input(1).IsAll(1)),
        "Split" => When(node, node.Outputs.Count == 1),
        "Add" => Neutral(node, 0, 1, 0) ?? Neutral(node, 1, 0, 0),
        "Mul" => Neutral(node, 0, 1, 1) ?? Neutral(node, 1, 0, 1),
        "And" => Neutral(node, 0, 1, 1) ?? Neutral(node, 1, 0, 1),
        "Or" or "Xor" => Neutral(node, 0, 1, 0) ?? Neutral(node, 1, 0, 0),
        "Sub" => Neutral(node, 0, 1, 0),
        "Div" or "Pow" => Neutral(node, 0, 1, 1),
        "Where" => Chosen(node),
        _ => null,
    };

    private static Value? When(Node node, bool holds) => holds ? node.Input(0) : null;

    /// <summary>The one operand, if the other one is all <paramref name="number"/> and does not enlarge it.</summary>
    private static Value? Neutral(Node node, int operand, int constant, double number) =>
        node.Input(operand) is { } value && node.Input(constant).IsAll(number) && DecidesShape(value, node, node.Input(constant)!.Constant!) ? value : null;

    private static Value? Chosen(Node node)
    {
        Value? chosen = node.Input(0).IsAll(1) || node.Input(1) == node.Input(2) ? node.Input(1) : node.Input(0).IsAll(0) ? node.Input(2) : null;
        return chosen?.Shape is { } shape && shape.Equals(node.Output.Shape) ? chosen : null;
    }

    /// <summary>Whether the result of broadcasting has the shape of <paramref name="value"/>.</summary>
    private static bool DecidesShape(Value value, Node node, Tensor other) => other.Rank == 0
        || (value.Shape is { } shape && (shape.Equals(node.Output.Shape) || (other.ElementCount == 1 && other.Rank <= shape.Rank)));

    private static bool KeepsShape(Node node) => node.Input(0)?.Shape is { } shape && shape.Equals(node.Output.Shape);

    /// <summary>Whether a Gather takes every element of the axis, in order.</summary>
    private static bool TakesAll(Node node) => KeepsShape(node) && node.Input(1)?.Shape?.Rank == 1 && node.Input(1).Integers() is { } indices
        && indices.Select((index, i) => index == i).All(same => same);

    /// <summary>Whether every axis that is reduced is known to have the size 1.</summary>
    private static bool ReducesOnlyOnes(Node node) => node.Input(0)!.Shape is { } shape && node.Input(1).Integers() is { IsEmpty: false } axes
        && axes.All(a => a >= -shape.Rank && a < shape.Rank && shape[(int)(a < 0 ? a + shape.Rank : a)].TryGetValue(out long size) && size == 1);

    /// <summary>Whether every node behind an Expand broadcasts, and has the same shape without it.</summary>
    private static bool IsBroadcastAnyway(Node node)
    {
        Value output = node.Output;
        return output is { IsOutput: false, Uses.Count: > 0 } && node.Input(0)?.Shape is { } shape && output.Uses.All(u => Broadcasting.IsBroadcasting(u.Node)
            && u.Node.Outputs is [{ Shape: { } result }] && result.Equals(Broadcasting.Shape(u.Node.Inputs.Select(i => i == output ? shape : i?.Shape))));
    }

    /// <summary>Whether no axis moves.</summary>
    private static bool IsIdentity(Node node) =>
        node.Attribute("perm") is null ? node.Input(0)?.Shape is { Rank: <= 1 } : Permutation.Of(node) is { IsIdentity: true };
}
