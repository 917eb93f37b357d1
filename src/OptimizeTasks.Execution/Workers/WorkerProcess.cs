using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Execution.Workers;

/// <summary>The host's side of one worker. Requests are answered one after the other.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private const int ErrorLinesKept = 5;
    private readonly object _lock = new();
    private readonly Process _process;
    private readonly BinaryWriter _writer;
    private readonly BinaryReader _reader;
    private readonly Queue<string> _lastErrors = new();
    private int _lastSession;

    /// <exception cref="ModelRunException">The program cannot be started.</exception>
    public WorkerProcess(WorkerCommand command)
    {
        try
        {
            _process = Process.Start(command.ToStartInfo())!;
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            throw new ModelRunException(ModelRunFault.Crash, $"The process that runs models cannot be started ({command.FileName}): {e.Message}", e);
        }

        Id = _process.Id;
        _process.ErrorDataReceived += (_, e) => KeepError(e.Data);
        _process.BeginErrorReadLine();
        _writer = new BinaryWriter(new BufferedStream(_process.StandardInput.BaseStream, 1 << 16), Encoding.UTF8);
        _reader = new BinaryReader(new BufferedStream(_process.StandardOutput.BaseStream, 1 << 16), Encoding.UTF8);
    }

    public int Id { get; }

    public bool IsAlive => !_process.HasExited;

    public WorkerSession Load(string path, SessionSettings settings, RunLimits limits, CancellationToken cancellationToken)
    {
        int session = Interlocked.Increment(ref _lastSession);
        Ask(new WorkerRequest.Load(session, path, settings), Nothing, limits.Time, cancellationToken);
        return new WorkerSession(this, session);
    }

    /// <summary>Sends a request and waits for the answer; the worker is killed when that takes too long.</summary>
    /// <exception cref="ModelRunException">The worker reported a fault, died, or took too long.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public IReadOnlyDictionary<string, Tensor> Ask(WorkerRequest request, TimeSpan limit, CancellationToken cancellationToken) =>
        Ask(request, TensorWire.Read, limit, cancellationToken);

    /// <summary>Measures a model in a session that is gone afterwards.</summary>
    /// <exception cref="ModelRunException">The worker reported a fault, died, or took too long.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public ModelMeasurement Measure(WorkerRequest.Measure request, TimeSpan limit, CancellationToken cancellationToken) =>
        Ask(request, ModelMeasurement.Read, limit, cancellationToken);

    private T Ask<T>(WorkerRequest request, Func<BinaryReader, T> answer, TimeSpan limit, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            end.CancelAfter(limit);
            using CancellationTokenRegistration kill = end.Token.Register(Kill);
            try
            {
                request.Write(_writer);
                return WorkerReply.Read(_reader, answer);
            }
            catch (Exception e) when (e is IOException or InvalidDataException or InvalidOperationException)
            {
                // Also after a reply that makes no sense: what comes next would make none either.
                Kill();
                cancellationToken.ThrowIfCancellationRequested();
                throw end.IsCancellationRequested
                    ? new ModelRunException(ModelRunFault.TimeLimit, $"The run took longer than {limit.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s.", e)
                    : new ModelRunException(ModelRunFault.Crash, $"The process that runs models ended ({ExitReason()}).{LastErrors()}", e);
            }
        }
    }

    public void Unload(int session)
    {
        if (!IsAlive)
            return;
        try
        {
            Ask(new WorkerRequest.Unload(session), Nothing, RunLimits.Default.Time, CancellationToken.None);
        }
        catch (ModelRunException)
        {
            // It died, and the session with it.
        }
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private static bool Nothing(BinaryReader reader) => true;

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended already.
        }
    }

    /// <summary>The exit code; on Unix 128 and more means that a signal ended the process.</summary>
    private string ExitReason()
    {
        _process.WaitForExit();
        int code = _process.ExitCode;
        return code switch
        {
            137 when !OperatingSystem.IsWindows() => "killed, perhaps for lack of memory",
            139 when !OperatingSystem.IsWindows() => "segmentation fault",
            134 when !OperatingSystem.IsWindows() => "aborted",
            _ => string.Create(CultureInfo.InvariantCulture, $"exit code {code}"),
        };
    }

    private void KeepError(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
            return;
        lock (_lastErrors)
        {
            _lastErrors.Enqueue(line.Trim());
            if (_lastErrors.Count > ErrorLinesKept)
                _lastErrors.Dequeue();
        }
    }

    private string LastErrors()
    {
        lock (_lastErrors)
            return _lastErrors.Count == 0 ? "" : " Its last words: " + string.Join(" / ", _lastErrors);
    }
}
