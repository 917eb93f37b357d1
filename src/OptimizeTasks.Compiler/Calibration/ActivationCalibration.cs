using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Planning;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Calibration;

/// <summary>Finds out about activations from samples.</summary>
internal static class ActivationCalibration
{
    /// <summary>The ranges of some values.</summary>
    /// <param name="values">Values of the main graph in single precision: no constants.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="probe">Runs the model.</param>
    /// <param name="context">The method that was asked for, and where diagnostics go.</param>
    /// <param name="others">What else looks at values of the same runs.</param>
    /// <exception cref="CompilationException">
    /// There is no sample or the model does not run (<see cref="Diagnostics.CalibrationFailed"/>), or a value is not finite
    /// (<see cref="Diagnostics.ActivationNotFinite"/>).
    /// </exception>
    public static (IReadOnlyDictionary<Value, ActivationRange> Ranges, int Samples) Run(
        IReadOnlyCollection<Value> values, ISampleSource samples, ValueProbe probe, PassContext context, params IReadOnlyCollection<ActivationObserver> others)
    {
        CalibrationMethod method = context.Options.CalibrationMethod;
        bool isSymmetric = FormatSupport.IsSymmetric(context.Options);
        if (method == CalibrationMethod.MinMax && others.Count == 0 && TryReduce(values, samples, probe, context, isSymmetric) is { } reduced)
            return reduced;
        var statistics = values.ToDictionary(v => v, _ => new ActivationStatistics(hasHistogram: method != CalibrationMethod.MinMax));
        int count = Observe([.. statistics.Select(s => new ActivationObserver(s.Key, tensor => s.Value.TryAdd(tensor.Read<float>()))), .. others], samples, probe, context);
        return (statistics.ToDictionary(s => s.Key, s => CalibratedRange.Of(s.Value, method, isSymmetric)), count);
    }

    /// <summary>The ranges from nothing but the ends of the values; null where that is not enough.</summary>
    private static (IReadOnlyDictionary<Value, ActivationRange> Ranges, int Samples)? TryReduce(
        IReadOnlyCollection<Value> values, ISampleSource samples, ValueProbe probe, PassContext context, bool isSymmetric)
    {
        var statistics = values.ToDictionary(v => v, _ => new ActivationStatistics(hasHistogram: false));
        using var ends = new ReducedEnds(statistics, context.Model.Graph);
        return ends.TryRun(samples, probe) is > 0 and { } count
            ? (statistics.ToDictionary(s => s.Key, s => CalibratedRange.Of(s.Value, CalibrationMethod.MinMax, isSymmetric)), count)
            : null;
    }

    /// <summary>Runs the model on every sample.</summary>
    /// <returns>The number of samples.</returns>
    /// <inheritdoc cref="Run" path="/exception"/>
    public static int Observe(IReadOnlyCollection<ActivationObserver> observers, ISampleSource samples, ValueProbe probe, PassContext context)
    {
        ILookup<Value, ActivationObserver> ofValue = observers.ToLookup(observer => observer.Value);
        int count = probe.Run([.. ofValue.Select(group => group.Key)], samples, (value, tensor) =>
        {
            if (tensor.ElementType != ElementType.Float)
                throw context.Fail(Diagnostics.CalibrationFailed, $"'{value.Name}' is {tensor.ElementType} in {samples.Description}, not Float");
            if (!ofValue[value].All(observer => observer.TryAdd(tensor)))
                throw context.Fail(Diagnostics.ActivationNotFinite, $"'{value.Name}' has infinities or NaN on samples of {samples.Description}", value.Producer);
        });
        return count > 0 ? count : throw context.Fail(Diagnostics.CalibrationFailed, $"{samples.Description} has no sample");
    }
}
