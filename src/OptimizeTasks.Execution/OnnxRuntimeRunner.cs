using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Compiler;
using OptimizeTasks.Execution.Sessions;
using OptimizeTasks.Execution.Workers;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Execution;

/// <summary>
/// Runs models in a worker process, which starts when the first model is to be run and serves until the runner is
/// disposed. A worker that dies or exceeds the time limit ends in a <see cref="ModelRunException"/>, its sessions with
/// it; the next call starts another one.
/// </summary>
public sealed class OnnxRuntimeRunner : IModelRunner, IDisposable
{
    private readonly WorkerCommand _command;
    private readonly object _lock = new();
    private WorkerProcess? _worker;
    private bool _disposed;

    /// <summary>A runner whose workers are started by <paramref name="command"/>.</summary>
    public OnnxRuntimeRunner(WorkerCommand command) => _command = command;

    /// <summary>Which build of ONNX Runtime runs the models, as its managed library says; nothing is loaded for it.</summary>
    public static string EngineVersion { get; } = $"{typeof(InferenceSession).Assembly.GetName().Version} {typeof(InferenceSession).Module.ModuleVersionId}";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Run(
        Model model, IReadOnlyDictionary<string, Tensor> inputs, RunLimits limits, CancellationToken cancellationToken) =>
        ModelFile.Run(this, model, inputs, limits, cancellationToken);

    /// <inheritdoc/>
    public IModelSession Load(string path, SessionSettings settings, RunLimits limits, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(limits);
        cancellationToken.ThrowIfCancellationRequested();
        return Worker().Load(Path.GetFullPath(path), settings, limits, cancellationToken);
    }

    /// <summary>The worker's process number while there is one, for tests.</summary>
    internal int? WorkerId
    {
        get
        {
            lock (_lock)
                return _worker?.Id;
        }
    }

    /// <summary>Ends the worker.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _worker?.Dispose();
            _worker = null;
        }
    }

    private WorkerProcess Worker()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_worker is { IsAlive: false })
            {
                _worker.Dispose();
                _worker = null;
            }

            return _worker ??= new WorkerProcess(_command);
        }
    }
}
