using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Calibration;

/// <summary>Finds out the ranges of activations from samples.</summary>
internal static class ActivationCalibration
{
    /// <summary>The ranges of some values.</summary>
    /// <param name="values">Values of the main graph in single precision: no constants.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="probe">Runs the model.</param>
    /// <param name="context">The method that was asked for, and where diagnostics go.</param>
    /// <exception cref="CompilationException">
    /// There is no sample or the model does not run (<see cref="Diagnostics.CalibrationFailed"/>), or a value is not finite
    /// (<see cref="Diagnostics.ActivationNotFinite"/>).
    /// </exception>
    public static (IReadOnlyDictionary<Value, ActivationRange> Ranges, int Samples) Run(IReadOnlyCollection<Value> values, ISampleSource samples, ValueProbe probe, PassContext context)
    {
        CalibrationMethod method = context.Options.CalibrationMethod;
        var statistics = values.ToDictionary(v => v, _ => new ActivationStatistics(hasHistogram: method != CalibrationMethod.MinMax));
        int count = probe.Run(values, samples, (value, tensor) =>
        {
            if (tensor.ElementType != ElementType.Float)
                throw context.Fail(Diagnostics.CalibrationFailed, $"'{value.Name}' is {tensor.ElementType} in {samples.Description}, not Float");
            if (!statistics[value].TryAdd(tensor.Read<float>()))
                throw context.Fail(Diagnostics.ActivationNotFinite, $"'{value.Name}' has infinities or NaN on samples of {samples.Description}", value.Producer);
        });
        if (count == 0)
            throw context.Fail(Diagnostics.CalibrationFailed, $"{samples.Description} has no sample");
        return (statistics.ToDictionary(s => s.Key, s => CalibratedRange.Of(s.Value, method)), count);
    }
}
