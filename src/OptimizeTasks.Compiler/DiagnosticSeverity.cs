namespace OptimizeTasks.Compiler;

/// <summary>How grave a diagnostic is.</summary>
public enum DiagnosticSeverity
{
    /// <summary>Worth knowing.</summary>
    Information,

    /// <summary>The result is usable, but something the user asked for or relies on did not happen.</summary>
    Warning,

    /// <summary>There is no result.</summary>
    Error,
}
