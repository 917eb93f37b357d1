using OptimizeTasks.Compiler;
using OptimizeTasks.Execution.Sessions;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Execution.Workers;

/// <summary>The sessions of a worker, and what requests do to them.</summary>
internal sealed class WorkerServer : IDisposable
{
    private readonly Dictionary<int, InProcessSession> _sessions = [];

    /// <returns>Writes the answer.</returns>
    /// <exception cref="ModelRunException">The request failed.</exception>
    /// <exception cref="OperationCanceledException">The host is gone.</exception>
    public Action<BinaryWriter> Handle(WorkerRequest request, CancellationToken hostGone)
    {
        switch (request)
        {
            case WorkerRequest.Load load:
                _sessions.Add(load.Session, new InProcessSession(load.Path, load.Settings));
                return _ => { };
            case WorkerRequest.Run run:
                // The host watches the clock: it also sees an operator that hangs.
                IReadOnlyDictionary<string, Tensor> outputs = _sessions[run.Session].Run(run.Inputs, run.Outputs, new RunLimits(Timeout.InfiniteTimeSpan, run.OutputBytes), hostGone);
                return writer => TensorWire.Write(writer, outputs);
            case WorkerRequest.Measure measure:
                ModelMeasurement measurement = SessionMeter.Measure(measure.Path, measure.Settings, measure.Inputs, measure.Outputs, measure.Runs, hostGone);
                return measurement.Write;
            default:
                if (_sessions.Remove(request.Session, out InProcessSession? session))
                    session.Dispose();
                return _ => { };
        }
    }

    public void Dispose()
    {
        foreach (InProcessSession session in _sessions.Values)
            session.Dispose();
    }
}
