using System;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using OptimizeTasks.Compiler;

namespace OptimizeTasks.Contract;

/// <summary>Diagnostics in MSBuild's log, each with a link to the page that explains it.</summary>
internal static class BuildDiagnostics
{
    /// <summary>The way from a diagnostic's file to its severity in the lines of the tool.</summary>
    private const string Separator = " : ";

    private static readonly (string Word, DiagnosticSeverity Severity)[] s_severities =
        [("error", DiagnosticSeverity.Error), ("warning", DiagnosticSeverity.Warning), ("message", DiagnosticSeverity.Information)];

    public static void Report(TaskLoggingHelper log, Diagnostic diagnostic, string helpFile) =>
        Report(log, diagnostic.Severity, diagnostic.Code, diagnostic.File, diagnostic.Message, helpFile);

    /// <summary>Reports a line such as <c>file : error OPT1003: text</c>; false for any other line.</summary>
    public static bool TryReport(TaskLoggingHelper log, string line, string helpFile)
    {
        foreach ((string word, DiagnosticSeverity severity) in s_severities)
        {
            string mark = Separator + word + " OPT";
            int start = line.IndexOf(mark, StringComparison.Ordinal);
            int code = start + mark.Length - "OPT".Length;
            int colon = start < 0 ? -1 : line.IndexOf(": ", code, StringComparison.Ordinal);
            if (colon < 0)
                continue;
            Report(log, severity, line.Substring(code, colon - code), line.Substring(0, start), line.Substring(colon + 2), helpFile);
            return true;
        }

        return false;
    }

    private static void Report(TaskLoggingHelper log, DiagnosticSeverity severity, string code, string? file, string message, string helpFile)
    {
        string? link = helpFile.Length > 0 ? $"{new Uri(helpFile).AbsoluteUri}#{code.ToLowerInvariant()}" : null;
        if (severity == DiagnosticSeverity.Error)
            log.LogError(null, code, null, link, file, 0, 0, 0, 0, "{0}", message);
        else if (severity == DiagnosticSeverity.Warning)
            log.LogWarning(null, code, null, link, file, 0, 0, 0, 0, "{0}", message);
        else
            log.LogMessage(null, code, null, file, 0, 0, 0, 0, MessageImportance.Low, "{0}", message);
    }
}
