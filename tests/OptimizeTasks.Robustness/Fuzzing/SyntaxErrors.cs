using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace OptimizeTasks.Robustness.Fuzzing;

/// <summary>Whether a text is C#.</summary>
internal static class SyntaxErrors
{
    /// <summary>The first error, or null.</summary>
    public static string? First(string code) => CSharpSyntaxTree.ParseText(code).GetDiagnostics()
        .FirstOrDefault(d => d.Severity == DiagnosticSeverity.Error)?.ToString();
}
