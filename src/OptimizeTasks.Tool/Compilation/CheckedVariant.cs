using OptimizeTasks.Compiler;
using OptimizeTasks.Manifest;
using OptimizeTasks.Tool.Reporting;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>A graph that was written, compared with the original and measured, as far as that was asked for.</summary>
/// <param name="Path">The file.</param>
/// <param name="Result">How it was compiled.</param>
/// <param name="Level">How it is loaded.</param>
/// <param name="Verification">The comparison with the original, or null.</param>
/// <param name="Measurement">The times, or null.</param>
internal sealed record CheckedVariant(string Path, CompilationResult Result, LoadOptimization Level, VerificationResult? Verification, LevelMeasurement? Measurement)
{
    /// <summary>What quantisation costs on samples, or null where that was not asked for.</summary>
    public MetricResult? Accuracy { get; init; }

    /// <summary>What the report says of the comparison.</summary>
    public VerificationReport? VerificationReport => Verification is null ? null : Reporting.VerificationReport.Of(Verification, Result.Tolerance);

    /// <summary>What the report says of the graph.</summary>
    /// <param name="variants">The variants that it is the file of.</param>
    public VariantReport ToReport(IEnumerable<WrittenVariant> variants) => new()
    {
        Names = [.. variants.Select(v => v.Request.Name)],
        File = System.IO.Path.GetFileName(Path),
        Nodes = Result.NodesAfter,
        Operators = Result.OperatorsAfter,
        // Those before are the same for all.
        Passes = PassReport.Of(Result.Passes.Where(p => p.Phase >= Phase.Plan)),
        NearMisses = [.. Result.NearMisses.Values],
        Plan = Result.Plan,
        Calibration = Result.Calibration,
        ErrorFeedback = Result.ErrorFeedback,
        Explanation = Result.Explanation,
        Verification = VerificationReport,
        Accuracy = Accuracy,
        Measurement = Measurement?.ToReport(Level),
    };
}
