using OptimizeTasks.Compiler;
using OptimizeTasks.Execution.Sessions;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Execution.Workers;

/// <summary>The sessions of a worker, and what requests do to them.</summary>
internal sealed class WorkerServer : IDisposable
{
    private static readonly Dictionary<string, Tensor> _nothing = [];
    private readonly Dictionary<int, InProcessSession> _sessions = [];

    /// <exception cref="ModelRunException">The request failed.</exception>
    /// <exception cref="OperationCanceledException">The host is gone.</exception>
    public IReadOnlyDictionary<string, Tensor> Handle(WorkerRequest request, CancellationToken hostGone)
    {
        switch (request)
        {
            case WorkerRequest.Load load:
                _sessions.Add(load.Session, new InProcessSession(load.Path, load.Settings));
                return _nothing;
            case WorkerRequest.Run run:
                // The host watches the clock: it also sees an operator that hangs.
                return _sessions[run.Session].Run(run.Inputs, run.Outputs, new RunLimits(Timeout.InfiniteTimeSpan, run.OutputBytes), hostGone);
            default:
                if (_sessions.Remove(request.Session, out InProcessSession? session))
                    session.Dispose();
                return _nothing;
        }
    }

    public void Dispose()
    {
        foreach (InProcessSession session in _sessions.Values)
            session.Dispose();
    }
}
