using OptimizeTasks.Tool.Caching;
using OptimizeTasks.Tool.Options;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>One model to compile, and where the results go.</summary>
internal sealed record CompilationRequest
{
    /// <summary>The model's file.</summary>
    public required string ModelPath { get; init; }

    /// <summary>What diagnostics call it.</summary>
    public required string DisplayPath { get; init; }

    /// <summary>The file that receives the compiled model; its data and its manifest are written beside it.</summary>
    public required string OutputPath { get; init; }

    /// <summary>The file that receives the report, or null for none.</summary>
    public string? ReportPath { get; init; }

    /// <summary>The file that receives the compression plan, or null for none.</summary>
    public string? PlanPath { get; init; }

    /// <summary>The file that receives the class, or null for none.</summary>
    public string? SourcePath { get; init; }

    /// <summary>The cache that is used, or null for none.</summary>
    public CacheSettings? Cache { get; init; }

    /// <summary>What is asked for.</summary>
    public required ItemSettings Settings { get; init; }
}
