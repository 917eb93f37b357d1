using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Simplification.Transposing;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>
/// Moves transposes towards the outputs, through every operator that can work on the axes as they were, where they meet
/// others and cancel, become one, or move fewer bytes; and puts those of matrices into Gemm. Nothing moves unless fewer
/// transposes remain, or fewer bytes are transposed, and neither grows: so it ends.
/// </summary>
internal sealed class PushTransposes : Pass
{
    /// <summary>From here on Softmax means one axis, and axes of Squeeze and others are inputs.</summary>
    private const int FirstOpset = 18;

    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        if (context.Model.Opset < FirstOpset)
            return 0;
        int changes = 0;
        foreach (Graph current in graph.AllGraphs())
        {
            changes += GemmTransposes.Fold(current);
            var blocked = new HashSet<Node>();
            changes += Move(current, blocked);
            if (blocked.Count > 0)
                changes += Move(current, blocked);
        }

        return changes;
    }

    /// <param name="graph">The graph.</param>
    /// <param name="blocked">Transposes that stay; receives those that stand in the middle of a region.</param>
    private static int Move(Graph graph, HashSet<Node> blocked)
    {
        int changes = 0;
        var touched = new HashSet<Node>();
        foreach (TransposeRegion region in TransposeRegions.Find(graph, blocked))
        {
            // What another region has moved is not what it was when this one was found.
            if (region.Transposes.Any(touched.Contains))
                continue;
            Node[] inside = [.. region.TransposesInside];
            blocked.UnionWith(inside);
            if (inside.Length > 0 || !region.Pays())
                continue;
            touched.UnionWith(region.Transposes);
            region.Apply();
            changes++;
        }

        return changes;
    }
}
