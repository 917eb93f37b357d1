using OptimizeTasks.Compiler;
using OptimizeTasks.Execution.Sessions;
using OptimizeTasks.Execution.Workers;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Execution;

/// <summary>
/// Measures models, each time in a new process that ends with the measurement: peak memory is the model's own, and no
/// idle session takes the processor from the one that is measured.
/// </summary>
/// <param name="command">Starts the processes.</param>
public sealed class ModelMeter(WorkerCommand command) : IModelTimer
{
    /// <summary>Loads a model, runs it once and then so many times, and forgets it.</summary>
    /// <param name="path">The ONNX file; its external data stand beside it.</param>
    /// <param name="settings">How it is loaded. Threads may wait busily, as in an app, unless the configuration says otherwise.</param>
    /// <param name="inputs">A tensor for every input without initializer, by name.</param>
    /// <param name="outputs">The names of the outputs; they must be tensors.</param>
    /// <param name="runs">The number of timed runs.</param>
    /// <param name="limit">What all of it may take.</param>
    /// <param name="cancellationToken">Ends the measurement.</param>
    /// <exception cref="ModelRunException">The engine refused the model or the inputs, died, or took too long.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public ModelMeasurement Measure(
        string path, SessionSettings settings, IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyCollection<string> outputs, int runs, TimeSpan limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (!settings.Configuration.ContainsKey(InProcessSession.AllowSpinning))
            settings = settings with { Configuration = settings.Configuration.Add(InProcessSession.AllowSpinning, "1") };
        using var worker = new WorkerProcess(command);
        return worker.Measure(new WorkerRequest.Measure(Path.GetFullPath(path), settings, inputs, outputs, runs), limit, cancellationToken);
    }

    /// <inheritdoc/>
    public double Time(
        string path, SessionSettings settings, IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyCollection<string> outputs, int runs, TimeSpan limit, CancellationToken cancellationToken) =>
        Measure(path, settings, inputs, outputs, runs, limit, cancellationToken).RunMilliseconds.Min();
}
