using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Execution.Workers;

/// <summary>A model that a worker loaded.</summary>
internal sealed class WorkerSession(WorkerProcess worker, int number) : IModelSession
{
    private bool _disposed;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Run(
        IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyCollection<string> outputs, RunLimits limits, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return worker.Ask(new WorkerRequest.Run(number, inputs, outputs, limits.OutputBytes), limits.Time, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        worker.Unload(number);
    }
}
