using OptimizeTasks.Compiler;
using OptimizeTasks.Tool.Reporting;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>What one compilation left behind.</summary>
/// <param name="Summary">What it did.</param>
/// <param name="Files">The files that it wrote.</param>
internal sealed record CompilationOutput(SummaryLine Summary, IReadOnlyList<OutputFile> Files)
{
    /// <summary>What the rule did that was to be explained, in lines, for each graph; empty where none was.</summary>
    public IReadOnlyList<string> Explanations { get; init; } = [];

    /// <summary>Which node keeps its weights in which format, if some were to be quantised.</summary>
    public CompressionPlan? Plan { get; init; }

    /// <summary>How the plan was found, or null.</summary>
    public PlanSearchResult? Search { get; init; }
}

/// <summary>A file that was written, or, of the kind <c>input</c>, read beside the model.</summary>
/// <param name="Kind">What it is: <c>model</c>, <c>data</c>, <c>manifest</c>, <c>report</c>, <c>source</c> or <c>input</c>.</param>
/// <param name="Path">The absolute path.</param>
internal sealed record OutputFile(string Kind, string Path);
