using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>Brings types, shapes and <see cref="PassContext.Facts"/> up to date, where something changed. It changes nothing that is computed.</summary>
internal sealed class InferShapes : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        if (!context.ShapesAreStale)
            return 0;
        context.DeclaredOutputs ??= [.. graph.Outputs.Select(o => o.Type)];
        context.Facts = ShapeInference.Run(context.Model);
        context.ShapesAreStale = false;
        return 0;
    }
}
