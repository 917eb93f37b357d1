using System.Globalization;
using System.Text;
using OptimizeTasks.Compiler;

namespace OptimizeTasks.Tool.Reporting;

/// <summary>What a rule did, in lines.</summary>
internal static class ExplanationText
{
    /// <summary>A text for each graph of a model, with its file where there are several.</summary>
    public static IEnumerable<string> AllOf(CompilationReport report) => report.Variants is { } variants
        ? variants.Where(v => v.Explanation is not null).Select(v => $"{v.File}: {Of(v.Explanation!)}")
        : report.Explanation is { } explanation ? [Of(explanation)] : [];

    /// <summary>The text, ending with a new line.</summary>
    public static string Of(RuleExplanation explanation)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{explanation.Rule} applied {Times(explanation.Applications.Length)}{(explanation.Applications.IsEmpty ? "" : ":")}\n");
        foreach (RuleApplication application in explanation.Applications)
            text.Append(CultureInfo.InvariantCulture, $"  {application.Node}\n    in the place of {string.Join(", ", application.Nodes)}\n");
        text.Append(CultureInfo.InvariantCulture, $"{(explanation.NearMisses.IsEmpty ? "No near misses" : "Closest near misses:")}\n");
        foreach (NearMiss miss in explanation.NearMisses)
            text.Append(CultureInfo.InvariantCulture, $"  {miss.Node}\n    {miss.MatchedNodes} {(miss.MatchedNodes == 1 ? "node" : "nodes")} fitted, but {miss.Reason}\n");
        return text.ToString();
    }

    private static string Times(int count) => count switch { 0 => "nowhere", 1 => "once", _ => string.Create(CultureInfo.InvariantCulture, $"{count} times") };
}
