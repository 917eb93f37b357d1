using OptimizeTasks.Compiler;

namespace OptimizeTasks.Tool.Reporting;

/// <summary>Writes diagnostics, one a line, in the form that MSBuild and editors parse.</summary>
internal sealed class DiagnosticLog(TextWriter output)
{
    private readonly object _lock = new();
    private List<Diagnostic>? _held;

    /// <summary>Whether an error was reported.</summary>
    public bool HasErrors { get; private set; }

    /// <summary>Whether diagnostics are kept for later.</summary>
    public bool IsHeld => _held is not null;

    /// <summary>Writes a diagnostic, or keeps it while a progress display has the terminal.</summary>
    public void Report(Diagnostic diagnostic)
    {
        lock (_lock)
        {
            HasErrors |= diagnostic.Severity == DiagnosticSeverity.Error;
            if (_held is null)
                output.WriteLine(Printable.Text(diagnostic.ToString()));
            else
                _held.Add(diagnostic);
        }
    }

    /// <summary>Keeps what is reported from now on.</summary>
    public void Hold()
    {
        lock (_lock)
            _held ??= [];
    }

    /// <summary>Writes what was kept.</summary>
    public void Release()
    {
        lock (_lock)
        {
            List<Diagnostic> held = _held ?? [];
            _held = null;
            held.ForEach(Report);
        }
    }
}
