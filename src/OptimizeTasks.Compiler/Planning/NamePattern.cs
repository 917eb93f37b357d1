using System.IO.Enumeration;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>Names of nodes, and patterns of them with <c>*</c> and <c>?</c>.</summary>
internal static class NamePattern
{
    /// <summary>What plans call the node.</summary>
    public static string PlanName(this Node node) => node.Name.Length > 0 ? node.Name : node.Outputs.FirstOrDefault(o => o is not null)?.Name ?? "";

    /// <summary>Whether the pattern names the node, or an original node that it came from.</summary>
    public static bool Matches(string pattern, Node node) =>
        node.Provenance.Append(node.PlanName()).Any(name => FileSystemName.MatchesSimpleExpression(Escape(pattern), name, ignoreCase: false));

    /// <summary>That the user leaves the node out, as a reason; null where nothing does.</summary>
    public static string? RefuseExcluded(this CompilerOptions options, Node node) =>
        options.ExcludeNodes.FirstOrDefault(pattern => Matches(pattern, node)) is { } pattern ? $"excluded by {pattern}" : null;

    /// <summary>A backslash stands for itself.</summary>
    private static string Escape(string pattern) => pattern.Replace("\\", "\\\\", StringComparison.Ordinal);
}
