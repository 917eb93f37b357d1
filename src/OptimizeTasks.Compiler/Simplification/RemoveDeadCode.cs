using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>Removes nodes, trailing outputs of nodes, and initializers that nothing uses.</summary>
internal sealed class RemoveDeadCode : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        int changes = 0;

        // Inner graphs first, each from its end: a node that goes frees the nodes before it, outer ones included.
        foreach (Graph current in graph.AllGraphs().Reverse())
            changes += RemoveNodes(current);
        foreach (Graph current in graph.AllGraphs())
        {
            foreach (Value initializer in current.Initializers.ToArray())
            {
                if (current.RemoveIfDead(initializer))
                    changes++;
            }
        }

        return changes;
    }

    private static int RemoveNodes(Graph graph)
    {
        int changes = 0;
        Node? previous;
        for (Node? node = graph.Last; node is not null; node = previous)
        {
            previous = node.Previous;
            if (node.Outputs.All(o => o is null or { IsUnused: true }))
            {
                graph.Remove(node);
                changes++;
            }
            else
            {
                changes += DropOutputs(node);
            }
        }

        return changes;
    }

    /// <summary>Drops what only training or the curious need; the outputs of other operators are not optional.</summary>
    private static int DropOutputs(Node node)
    {
        bool optional = node.Domain.Length == 0 && node.OpType is "Dropout" or "MaxPool" or "LSTM" or "GRU" or "RNN" or "LayerNormalization" or "BatchNormalization";
        if (!optional)
            return 0;

        int changes = 0;
        for (int i = node.Outputs.Count - 1; i > 0; i--)
        {
            if (node.Outputs[i] is not { IsUnused: true } output)
                continue;
            node.SetOutput(i, null);
            node.Graph!.RemoveIfDead(output);
            changes++;
        }

        return changes;
    }
}
