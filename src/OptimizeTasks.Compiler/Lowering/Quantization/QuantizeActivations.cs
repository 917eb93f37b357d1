using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Planning;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Quantization;

/// <summary>Gives the nodes of the plan whose activations were calibrated their kernels, or puts QuantizeLinear and DequantizeLinear around them.</summary>
internal sealed class QuantizeActivations : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        var plan = new StaticPlan(graph, context.Formats);
        if (plan.Nodes.Count == 0)
            return 0;
        var scales = new StaticScales(graph, plan, context.Ranges, FormatSupport.IsSymmetric(context.Options));
        var weights = new QuantizedWeights(context);
        if (FormatSupport.HasStaticKernels(context.Options))
        {
            new StaticKernels(graph, plan, scales, weights).Apply();
            Kernel.Declare(context.Model);
        }
        else
        {
            new QuantizeDequantize(graph, plan, scales, weights).Apply();
        }

        foreach (Node node in plan.Nodes)
            context.Formats.Remove(node);
        context.Ranges.Clear();
        return plan.Nodes.Count;
    }
}
