using OptimizeTasks.Compiler.Lowering.Fusions;
using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering;

/// <summary>Covers standard operators with kernels of ONNX Runtime's own that are faster, or as fast and fewer.</summary>
internal sealed class SelectKernels() : RulePass(
    new PackedAttention(), new SkipLayerNormalization(), new LoneLayerNormalization(), new SkipSimplifiedLayerNormalization(), new BiasGelu(), new UnfusedGelu(), new FastGelu(), new QuickGelu(),
    new FusedMatMul(), new RotaryGroupQueryAttention(), new GroupQueryAttention(), new MultiHeadAttention())
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        int changes = base.Run(graph, context);
        if (changes > 0)
            Kernel.Declare(context.Model);
        return changes;
    }
}
