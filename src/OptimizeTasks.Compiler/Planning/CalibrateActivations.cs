using OptimizeTasks.Compiler.Calibration;
using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>
/// Finds out from samples the ranges of the activations that the plan quantises beforehand, and what products take on average
/// whose bias is to be corrected.
/// </summary>
internal sealed class CalibrateActivations : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        var plan = new StaticPlan(graph, context.Formats);
        ExpectedInput[] corrected = context.Options.Corrections.HasFlag(Corrections.Bias) ? [.. Corrected(graph, context)] : [];
        if (plan.Nodes.Count == 0 && corrected.Length == 0)
            return 0;
        CalibrationSource.Use(context, plan.Nodes.Count > 0 ? "ranges" : "means", (samples, probe) =>
        {
            (IReadOnlyDictionary<Value, ActivationRange> ranges, int count) = ActivationCalibration.Run(plan.Calibrated(), samples, probe, context, [.. corrected.Select(input => input.Observer)]);
            foreach ((Value value, ActivationRange range) in ranges)
                context.Ranges.Add(value, GateLimits.Cut(range, value));
            return (count, ranges.Count);
        });
        foreach (ExpectedInput input in corrected)
        {
            if (input.Means is { } means)
                context.ExpectedInputs.Add(input.Node, means);
        }

        return context.Ranges.Count + corrected.Length;
    }

    /// <summary>The products of the main graph in 8 bits whose kernels add a bias on the way.</summary>
    private static IEnumerable<ExpectedInput> Corrected(Graph graph, PassContext context) => graph.Nodes
        .Where(node => node.OpType is "Conv" or "MatMul" or "Gemm" && node.Inputs[0]!.Constant is null
            && context.Formats.TryGetValue(node, out PlannedNode? planned) && planned.Format is WeightFormat.Dynamic or WeightFormat.Static)
        .Select(node => new ExpectedInput(node));
}
