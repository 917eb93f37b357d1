using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Execution.Sessions;

/// <summary>Measures a model in this process: the only session of its life.</summary>
internal static class SessionMeter
{
    /// <exception cref="ModelRunException">ONNX Runtime refuses the model or the inputs.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public static ModelMeasurement Measure(
        string path, SessionSettings settings, IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyCollection<string> outputs, int runs, CancellationToken cancellationToken)
    {
        // Loading the library is not the model's.
        try
        {
            _ = OrtEnv.Instance();
        }
        catch (Exception e) when (e is OnnxRuntimeException or DllNotFoundException or TypeInitializationException)
        {
            throw new ModelRunException(ModelRunFault.Load, e.Message, e);
        }

        long start = Stopwatch.GetTimestamp();
        using var session = new InProcessSession(path, settings);
        double load = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        start = Stopwatch.GetTimestamp();
        IReadOnlyDictionary<string, Tensor> results = session.Run(inputs, outputs, new RunLimits(Timeout.InfiniteTimeSpan, long.MaxValue), cancellationToken);
        double first = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        double[] times = session.Time(inputs, outputs, runs, cancellationToken);
        using var process = Process.GetCurrentProcess();
        return new ModelMeasurement { LoadMilliseconds = load, FirstRunMilliseconds = first, RunMilliseconds = [.. times], PeakBytes = process.PeakWorkingSet64, Outputs = results };
    }
}
