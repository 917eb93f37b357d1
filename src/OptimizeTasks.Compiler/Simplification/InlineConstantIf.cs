using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>Puts the branch that is always taken in the place of an <c>If</c> whose condition is a constant.</summary>
internal sealed class InlineConstantIf : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        int changes = 0;
        foreach (Graph current in graph.AllGraphs())
        {
            foreach (Node node in current.Nodes)
            {
                if (node.Is("If") && TakenBranch(node) is { } branch)
                {
                    Inline(node, branch, current);
                    changes++;
                }
            }
        }

        if (changes > 0)
            NodeNames.MakeUnique(graph);
        return changes;
    }

    private static Graph? TakenBranch(Node node)
    {
        string? name = node.Input(0).IsAll(1) ? "then_branch" : node.Input(0).IsAll(0) ? "else_branch" : null;
        return name is not null && node.Attribute(name) is GraphAttribute { Value: { Inputs.Count: 0 } branch } && branch.Outputs.Count == node.Outputs.Count ? branch : null;
    }

    private static void Inline(Node node, Graph branch, Graph graph)
    {
        var copy = new GraphCopy();
        copy.Copy(branch, graph, node);
        for (int i = 0; i < node.Outputs.Count; i++)
        {
            if (node.Outputs[i] is { } output)
                graph.Replace(output, copy.Map(branch.Outputs[i])!);
        }

        graph.Remove(node);
    }
}
