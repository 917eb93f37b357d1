namespace OptimizeTasks.Compiler;

/// <summary>One message to the user: what, why, and what to do.</summary>
/// <param name="Descriptor">Which kind of message it is.</param>
/// <param name="Message">The text, complete.</param>
/// <param name="File">The file that the message is about, or null.</param>
/// <param name="Node">The name of the node that the message is about, or null.</param>
public sealed record Diagnostic(DiagnosticDescriptor Descriptor, string Message, string? File = null, string? Node = null)
{
    /// <summary>The code, for instance <c>OPT1003</c>.</summary>
    public string Code => Descriptor.Code;

    /// <summary>How grave it is.</summary>
    public DiagnosticSeverity Severity => Descriptor.Severity;

    /// <summary>The line that MSBuild and editors parse: <c>file : error OPT1003: text</c>.</summary>
    public override string ToString()
    {
        string severity = Severity switch
        {
            DiagnosticSeverity.Error => "error",
            DiagnosticSeverity.Warning => "warning",
            _ => "message",
        };
        string node = Node is { Length: > 0 } ? $" (node '{Node}')" : "";
        return $"{File ?? "OptimizeTasks"} : {severity} {Code}: {Message}{node}";
    }
}
