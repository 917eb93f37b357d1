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
        "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze" or "Expand" => When(node, KeepsShape(node)),
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
        Value? chosen = node.Input(0).IsAll(1) ? node.Input(1) : node.Input(0).IsAll(0) ? node.Input(2) : null;
        return chosen?.Shape is { } shape && shape.Equals(node.Output.Shape) ? chosen : null;
    }

    /// <summary>Whether the result of broadcasting has the shape of <paramref name="value"/>.</summary>
    private static bool DecidesShape(Value value, Node node, Tensor other) => other.Rank == 0
        || (value.Shape is { } shape && (shape.Equals(node.Output.Shape) || (other.ElementCount == 1 && other.Rank <= shape.Rank)));

    private static bool KeepsShape(Node node) => node.Input(0)?.Shape is { } shape && shape.Equals(node.Output.Shape);

    /// <summary>Whether no axis moves.</summary>
    private static bool IsIdentity(Node node)
    {
        if (node.IntsAttribute("perm") is not { } perm)
            return node.Input(0)?.Shape is { Rank: <= 1 };
        return perm.Select((axis, i) => axis == i).All(same => same);
    }
}
