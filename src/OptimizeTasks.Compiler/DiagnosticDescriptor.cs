namespace OptimizeTasks.Compiler;

/// <summary>A kind of diagnostic. All kinds stand in <see cref="Diagnostics"/> and in <c>docs/diagnostics.md</c>.</summary>
/// <param name="Code">The code, for instance <c>OPT1003</c>.</param>
/// <param name="Severity">How grave it is.</param>
/// <param name="Title">The kind in a few words.</param>
/// <param name="Remedy">What the user can do.</param>
public sealed record DiagnosticDescriptor(string Code, DiagnosticSeverity Severity, string Title, string Remedy)
{
    /// <summary>A diagnostic of this kind; the remedy is added to the message.</summary>
    public Diagnostic Create(string what, string? file = null, string? node = null) => new(this, $"{what.TrimEnd('.')}. {Remedy}", file, node);
}
