using OptimizeTasks.Compiler.Calibration;
using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>Finds out the ranges of the activations that the plan quantises beforehand, from samples.</summary>
internal sealed class CalibrateActivations : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        var plan = new StaticPlan(graph, context.Formats);
        if (plan.Nodes.Count == 0)
            return 0;
        IModelRunner runner = context.Runner ?? throw context.Fail(Diagnostics.CalibrationFailed, "There is nothing to run the model with");
        ISampleSource samples = context.Options.Samples ?? SyntheticSamples.Of(context.Model, context.Options, runner, cancellationToken: context.CancellationToken);
        (IReadOnlyDictionary<Value, ActivationRange> ranges, int count) = ActivationCalibration.Run(plan.Calibrated(), samples, new ValueProbe(context, runner), context);
        foreach ((Value value, ActivationRange range) in ranges)
            context.Ranges.Add(value, range);
        context.Calibration = new CalibrationSummary(samples.Description, count, samples.IsSynthetic, context.Options.CalibrationMethod, ranges.Count);
        if (samples.IsSynthetic)
            context.Report(Diagnostics.SyntheticCalibration, $"The ranges of activations come from {samples.Description}, since nobody gave real ones");
        return ranges.Count;
    }
}
