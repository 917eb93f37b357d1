using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Exporting;

/// <summary>Gives the outputs the types that the original declares for them.</summary>
internal sealed class KeepInterface : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        if (context.DeclaredOutputs is not { } declared)
            return 0;
        int changes = 0;
        for (int i = 0; i < declared.Length; i++)
        {
            if (declared[i] is not { } type || type.Equals(graph.Outputs[i].Type))
                continue;
            graph.Outputs[i].Type = type;
            changes++;
        }

        return changes;
    }
}
