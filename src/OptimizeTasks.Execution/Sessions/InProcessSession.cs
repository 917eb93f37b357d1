using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Compiler;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Execution.Sessions;

/// <summary>A model that ONNX Runtime loaded into this process.</summary>
internal sealed class InProcessSession : IModelSession
{
    /// <summary>ONNX Runtime's session configuration that lets threads wait busily for the next operator.</summary>
    public const string AllowSpinning = "session.intra_op.allow_spinning";

    private readonly InferenceSession _session;

    /// <exception cref="ModelRunException">ONNX Runtime refuses the model.</exception>
    public InProcessSession(string path, SessionSettings settings)
    {
        try
        {
            using SessionOptions options = Options(settings);
            _session = new InferenceSession(path, options);
        }
        catch (Exception e) when (IsEngineFault(e))
        {
            throw new ModelRunException(ModelRunFault.Load, Message(e), e);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Run(
        IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyCollection<string> outputs, RunLimits limits, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var values = new Dictionary<string, OrtValue>(StringComparer.Ordinal);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(limits.Time);
        using var options = new RunOptions();
        try
        {
            // The run sees the flag between two operators. An operator that hangs is what the worker process is for.
            using CancellationTokenRegistration terminate = end.Token.Register(() => options.Terminate = true);
            foreach ((string name, Tensor tensor) in inputs)
                values.Add(name, OnnxRuntimeTensors.ToOrtValue(tensor));
            using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(options, values, outputs);
            long budget = limits.OutputBytes;
            return outputs.Zip(results).ToDictionary(
                pair => pair.First, pair => OnnxRuntimeTensors.ToTensor(pair.First, pair.Second, ref budget), StringComparer.Ordinal);
        }
        catch (Exception e) when (IsEngineFault(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw end.IsCancellationRequested
                ? new ModelRunException(ModelRunFault.TimeLimit, $"The run took longer than {limits.Time.TotalSeconds:0.###} s.", e)
                : new ModelRunException(ModelRunFault.Run, Message(e), e);
        }
        finally
        {
            foreach (OrtValue value in values.Values)
                value.Dispose();
        }
    }

    /// <summary>Runs the model over and over on the same values.</summary>
    /// <returns>The milliseconds of each run.</returns>
    /// <exception cref="ModelRunException">A run failed.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public double[] Time(IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyCollection<string> outputs, int runs, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, OrtValue>(StringComparer.Ordinal);
        using var options = new RunOptions();
        try
        {
            foreach ((string name, Tensor tensor) in inputs)
                values.Add(name, OnnxRuntimeTensors.ToOrtValue(tensor));
            var milliseconds = new double[runs];
            for (int i = 0; i < runs; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                long start = Stopwatch.GetTimestamp();
                using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(options, values, outputs);
                milliseconds[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }

            return milliseconds;
        }
        catch (Exception e) when (IsEngineFault(e))
        {
            throw new ModelRunException(ModelRunFault.Run, Message(e), e);
        }
        finally
        {
            foreach (OrtValue value in values.Values)
                value.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private static SessionOptions Options(SessionSettings settings)
    {
        var options = new SessionOptions
        {
            GraphOptimizationLevel = settings.Optimization switch
            {
                LoadOptimization.None => GraphOptimizationLevel.ORT_DISABLE_ALL,
                LoadOptimization.Basic => GraphOptimizationLevel.ORT_ENABLE_BASIC,
                LoadOptimization.Extended => GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
                // The C# enumeration has no name for the layout level, the C one does.
                LoadOptimization.Layout => (GraphOptimizationLevel)3,
                _ => GraphOptimizationLevel.ORT_ENABLE_ALL,
            },
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            IntraOpNumThreads = settings.Threads,
            InterOpNumThreads = 1,
            // What fails is thrown; nothing is to be said twice.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        // Threads that wait busily take the time of whatever else the build does.
        if (!settings.Configuration.ContainsKey(AllowSpinning))
            options.AddSessionConfigEntry(AllowSpinning, "0");
        foreach ((string key, string value) in settings.Configuration)
            options.AddSessionConfigEntry(key, value);
        foreach (string library in settings.CustomOpLibraries)
            options.RegisterCustomOpLibrary(library);
        Append(options, settings.Provider);
        return options;
    }

    private static void Append(SessionOptions options, string provider)
    {
        switch (provider)
        {
            case "Cpu":
                break;
            case "Cuda":
                options.AppendExecutionProvider_CUDA();
                break;
            case "TensorRt":
                options.AppendExecutionProvider_Tensorrt();
                break;
            case "DirectMl":
                options.AppendExecutionProvider_DML();
                break;
            case "CoreMl":
                options.AppendExecutionProvider_CoreML();
                break;
            case "OpenVino":
                options.AppendExecutionProvider_OpenVINO();
                break;
            default:
                options.AppendExecutionProvider(provider.ToUpperInvariant());
                break;
        }
    }

    /// <summary>Besides its own exception the API throws those of argument checks, and of the native library's absence.</summary>
    private static bool IsEngineFault(Exception e) => e is OnnxRuntimeException or ArgumentException or InvalidOperationException
        or NotSupportedException or DllNotFoundException or TypeInitializationException or EntryPointNotFoundException;

    private static string Message(Exception e) => (e is TypeInitializationException { InnerException: { } inner } ? inner : e).Message.Trim();
}
