using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>Brings types, shapes and <see cref="PassContext.Facts"/> up to date. It changes nothing that is computed.</summary>
internal sealed class InferShapes : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        context.DeclaredOutputs ??= [.. graph.Outputs.Select(o => o.Type)];
        context.Facts = ShapeInference.Run(context.Model);
        return 0;
    }
}
