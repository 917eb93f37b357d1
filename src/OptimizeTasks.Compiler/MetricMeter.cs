using OptimizeTasks.Compiler.Verification;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler;

/// <summary>Measures a compiled model against its original on samples. Both are loaded; one sample is in memory at a time.</summary>
/// <param name="runner">Runs the models.</param>
public sealed class MetricMeter(IModelRunner runner)
{
    /// <summary>Runs both models on all samples.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="original">The file of the original.</param>
    /// <param name="compiled">The file of the compiled model.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="settings">How the compiled model is loaded; the original is always loaded without optimisations.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="CompilationException">
    /// A model does not load (<see cref="Diagnostics.ModelDoesNotLoad"/>) or run (<see cref="Diagnostics.RunnerFailed"/>); a
    /// sample cannot be read, or there is none; the metric cannot be measured on them (<see cref="Diagnostics.InvalidInputs"/>).
    /// </exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public MetricResult Measure(Metric metric, string original, string compiled, ISampleSource samples, SessionSettings? settings = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        string[] outputs = Outputs(original, compiled, cancellationToken);
        using Contestant first = Contestant.Load(runner, original, SessionSettings.Unoptimized with { Threads = 0 }, cancellationToken);
        using Contestant second = Contestant.Load(runner, compiled, settings ?? new SessionSettings(), cancellationToken);
        var accumulator = MetricAccumulator.Of(metric);
        foreach (Sample sample in samples.Read(cancellationToken))
            accumulator.Add(first.Run(sample, outputs, cancellationToken), second.Run(sample, outputs, cancellationToken), sample.Label);
        return accumulator.Samples == 0
            ? throw new CompilationException(Diagnostics.NoSamples.Create($"There are no samples ({samples.Description})", original))
            : new MetricResult(metric, accumulator.Original, accumulator.Value, accumulator.Loss, samples.Description, accumulator.Samples, samples.IsSynthetic);
    }

    private static string[] Outputs(string original, string compiled, CancellationToken cancellationToken)
    {
        using Model model = ModelFiles.Read(original, cancellationToken: cancellationToken);
        using Model other = ModelFiles.Read(compiled, cancellationToken: cancellationToken);
        if (Interfaces.Difference(model.Graph, other.Graph) is { } difference)
            throw new CompilationException(Diagnostics.VerificationFailed.Create(difference, compiled));
        return ComparableOutputs.Of(model.Graph, []) is { Count: > 0 } outputs
            ? [.. outputs]
            : throw new CompilationException(Diagnostics.InvalidInputs.Create("The model has no output that could be compared", original));
    }

    /// <summary>A model that was loaded, and what stands for it where the CPU cannot run it.</summary>
    private sealed class Contestant(string path, EmulatedModel? emulation, IModelSession session) : IDisposable
    {
        public static Contestant Load(IModelRunner runner, string path, SessionSettings settings, CancellationToken cancellationToken)
        {
            var emulation = EmulatedModel.Of(path, cancellationToken);
            try
            {
                return new Contestant(path, emulation, runner.Load(emulation?.Path ?? path, settings, RunLimits.Default, cancellationToken));
            }
            catch (ModelRunException e)
            {
                emulation?.Dispose();
                throw e.ToCompilationException(path);
            }
        }

        public IReadOnlyDictionary<string, Tensor> Run(Sample sample, string[] outputs, CancellationToken cancellationToken)
        {
            try
            {
                return session.Run(sample.Inputs, outputs, RunLimits.Default, cancellationToken);
            }
            catch (ModelRunException e)
            {
                throw new CompilationException(Diagnostics.RunnerFailed.Create(e.Message, path), e);
            }
        }

        public void Dispose()
        {
            session.Dispose();
            emulation?.Dispose();
        }
    }
}
