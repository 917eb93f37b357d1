namespace OptimizeTasks.Compiler;

/// <summary>Compilation ends here, with one diagnostic.</summary>
public sealed class CompilationException : Exception
{
    /// <summary>An exception that carries this diagnostic.</summary>
    public CompilationException(Diagnostic diagnostic, Exception? innerException = null)
        : base(diagnostic.Message, innerException) => Diagnostic = diagnostic;

    /// <summary>What to tell the user.</summary>
    public Diagnostic Diagnostic { get; }
}
