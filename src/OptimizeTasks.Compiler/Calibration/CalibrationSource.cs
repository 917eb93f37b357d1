using OptimizeTasks.Compiler.Passes;

namespace OptimizeTasks.Compiler.Calibration;

/// <summary>What a model is calibrated on: the samples that the user gives, or some that are drawn, with one warning.</summary>
internal static class CalibrationSource
{
    /// <summary>The samples, and what runs the model.</summary>
    /// <exception cref="CompilationException">There is nothing to run the model with (<see cref="Diagnostics.CalibrationFailed"/>).</exception>
    public static (ISampleSource Samples, IModelRunner Runner) Of(PassContext context)
    {
        IModelRunner runner = context.Runner ?? throw context.Fail(Diagnostics.CalibrationFailed, "There is nothing to run the model with");
        return (context.Options.Samples ?? SyntheticSamples.Of(context.Model, context.Options, runner, cancellationToken: context.CancellationToken), runner);
    }

    /// <summary>Looks at activations while the model runs on all samples.</summary>
    /// <param name="context">The model.</param>
    /// <param name="what">What is found out, for the warning.</param>
    /// <param name="observe">Runs the model on the samples; gives their number and that of the activations.</param>
    /// <exception cref="CompilationException">There is nothing to run the model with (<see cref="Diagnostics.CalibrationFailed"/>).</exception>
    public static void Use(PassContext context, string what, Func<ISampleSource, ValueProbe, (int Samples, int Activations)> observe)
    {
        (ISampleSource samples, IModelRunner runner) = Of(context);
        (int count, int activations) = observe(samples, new ValueProbe(context, runner));
        if (samples.IsSynthetic && context.Calibration is null)
            context.Report(Diagnostics.SyntheticCalibration, $"The {what} of activations come from {samples.Description}, since nobody gave real ones");
        context.Calibration = new CalibrationSummary(samples.Description, count, samples.IsSynthetic, context.Options.CalibrationMethod, activations);
    }
}
