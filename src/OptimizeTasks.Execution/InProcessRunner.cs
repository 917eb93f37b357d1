using OptimizeTasks.Compiler;
using OptimizeTasks.Execution.Sessions;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Execution;

/// <summary>
/// Runs models in this process: what a worker does, and enough for models that one trusts. A model that crashes ONNX
/// Runtime ends the process; the time limit is obeyed between two operators, and not while a model loads. A build uses
/// <see cref="OnnxRuntimeRunner"/>.
/// </summary>
public sealed class InProcessRunner : IModelRunner, IModelTimer
{
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Run(
        Model model, IReadOnlyDictionary<string, Tensor> inputs, RunLimits limits, CancellationToken cancellationToken) =>
        ModelFile.Run(this, model, inputs, limits, cancellationToken);

    /// <inheritdoc/>
    public IModelSession Load(string path, SessionSettings settings, RunLimits limits, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        cancellationToken.ThrowIfCancellationRequested();
        return new InProcessSession(path, settings);
    }

    /// <inheritdoc/>
    public double Time(
        string path, SessionSettings settings, IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyCollection<string> outputs, int runs, TimeSpan limit, CancellationToken cancellationToken) =>
        SessionMeter.Measure(path, settings, inputs, outputs, runs, cancellationToken).RunMilliseconds.Min();
}
