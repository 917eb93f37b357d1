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
        IModelRunner runner = context.Runner ?? throw context.Fail(Diagnostics.CalibrationFailed, "There is nothing to run the model with");
        ISampleSource samples = context.Options.Samples ?? SyntheticSamples.Of(context.Model, context.Options, runner, cancellationToken: context.CancellationToken);
        (IReadOnlyDictionary<Value, ActivationRange> ranges, int count) = ActivationCalibration.Run(
            plan.Calibrated(), samples, new ValueProbe(context, runner), context, [.. corrected.Select(input => input.Observer)]);
        foreach ((Value value, ActivationRange range) in ranges)
            context.Ranges.Add(value, range);
        foreach (ExpectedInput input in corrected)
        {
            if (input.Means is { } means)
                context.ExpectedInputs.Add(input.Node, means);
        }

        context.Calibration = new CalibrationSummary(samples.Description, count, samples.IsSynthetic, context.Options.CalibrationMethod, ranges.Count);
        if (samples.IsSynthetic)
            context.Report(Diagnostics.SyntheticCalibration, $"The {(ranges.Count > 0 ? "ranges" : "means")} of activations come from {samples.Description}, since nobody gave real ones");
        return ranges.Count + corrected.Length;
    }

    /// <summary>The products of the main graph in 8 bits whose kernels add a bias on the way.</summary>
    private static IEnumerable<ExpectedInput> Corrected(Graph graph, PassContext context) => graph.Nodes
        .Where(node => node.OpType is "Conv" or "MatMul" or "Gemm" && node.Inputs[0]!.Constant is null
            && context.Formats.TryGetValue(node, out PlannedNode? planned) && planned.Format is WeightFormat.Dynamic or WeightFormat.Static)
        .Select(node => new ExpectedInput(node));
}
