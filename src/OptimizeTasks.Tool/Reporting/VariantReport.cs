using OptimizeTasks.Compiler;

namespace OptimizeTasks.Tool.Reporting;

/// <summary>One of several graphs that a model was compiled to.</summary>
internal sealed record VariantReport
{
    /// <summary>The variants of the manifest that have this graph.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    public required string File { get; init; }

    public required int Nodes { get; init; }

    public required IReadOnlyDictionary<string, int> Operators { get; init; }

    /// <summary>The runs of passes that were for this graph alone.</summary>
    public required IReadOnlyList<PassReport> Passes { get; init; }

    /// <summary>For every rule that could not be applied somewhere the place where it came furthest.</summary>
    public IReadOnlyList<NearMiss> NearMisses { get; init; } = [];

    /// <summary>Which node keeps its weights in which format, if some were to be quantised.</summary>
    public CompressionPlan? Plan { get; init; }

    /// <summary>What the ranges of quantised activations come from, if some were needed.</summary>
    public CalibrationSummary? Calibration { get; init; }

    /// <summary>What rounding with error feedback comes from, if there was any.</summary>
    public ErrorFeedbackSummary? ErrorFeedback { get; init; }

    /// <summary>What the rule did that was to be explained.</summary>
    public RuleExplanation? Explanation { get; init; }

    /// <summary>The comparison with the original, if there was one.</summary>
    public VerificationReport? Verification { get; init; }

    /// <summary>What quantisation costs on samples, if that was asked for.</summary>
    public MetricResult? Accuracy { get; init; }

    /// <summary>The times of original and result, if they were measured.</summary>
    public MeasurementReport? Measurement { get; init; }
}
