using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using OptimizeTasks.Compiler;
using OptimizeTasks.Execution;
using OptimizeTasks.Execution.Workers;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Samples;

/// <summary>The other end of a <see cref="SampleClassServer"/>.</summary>
internal sealed class SampleClassProcess : IDisposable
{
    private readonly string _source;
    private readonly Process _process;
    private readonly BinaryReader _reader;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenRegistration _kill;
    private volatile string? _lastWords;

    /// <summary>Starts the process.</summary>
    /// <param name="source">What a diagnostic names.</param>
    /// <param name="assembly">The assembly with the class.</param>
    /// <param name="cancellationToken">Ends the process.</param>
    public SampleClassProcess(string source, string assembly, CancellationToken cancellationToken)
    {
        _source = source;
        _cancellationToken = cancellationToken;
        WorkerCommand command = WorkerCommand.Self("samples", assembly);
        var start = new ProcessStartInfo(command.FileName, command.Arguments)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            throw Failed($"The process that runs the class cannot be started: {e.Message}", e);
        }

        _process.ErrorDataReceived += (_, e) => _lastWords = string.IsNullOrWhiteSpace(e.Data) || IsStackFrame(e.Data) ? _lastWords : e.Data.Trim();
        _process.BeginErrorReadLine();
        _reader = new BinaryReader(new BufferedStream(_process.StandardOutput.BaseStream, 1 << 16), Encoding.UTF8);
        _kill = cancellationToken.Register(Kill);
    }

    /// <summary>The next sample, or null behind the last one.</summary>
    /// <exception cref="CompilationException">The class has none to give, threw an exception, or ended its process.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public IReadOnlyDictionary<string, Tensor>? Next()
    {
        try
        {
            return (SampleClassServer.Message)_reader.ReadByte() switch
            {
                SampleClassServer.Message.Sample => TensorWire.Read(_reader),
                SampleClassServer.Message.End => null,
                SampleClassServer.Message.Failure => throw Failed(string.Join(' ', _reader.ReadString().Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries))),
                _ => throw Failed("Something else than samples came through standard output: no native library that the class uses may print there"),
            };
        }
        catch (Exception e) when (e is IOException or InvalidDataException or OverflowException)
        {
            Kill();
            _cancellationToken.ThrowIfCancellationRequested();
            _process.WaitForExit();
            string words = _lastWords is { } said ? $", its last words: {said}" : "";
            throw Failed(string.Create(CultureInfo.InvariantCulture, $"The process that ran the class ended with exit code {_process.ExitCode}{words}"), e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _kill.Dispose();
        // It may have more samples to give, without end.
        Kill();
        _process.Dispose();
    }

    private static bool IsStackFrame(string line) => line.StartsWith("   at ", StringComparison.Ordinal);

    private CompilationException Failed(string why, Exception? cause = null) => new(Diagnostics.SampleClassFailed.Create(why, _source), cause);

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
}
