using System.Text.Json;
using System.Text.Json.Serialization;
using OptimizeTasks.Compiler;

namespace OptimizeTasks.Tool.Reporting;

/// <summary>What one compilation did and how long it took; the properties are those of the report's JSON.</summary>
internal sealed record CompilationReport
{
    public required string Model { get; init; }

    public required string Output { get; init; }

    /// <summary>The version of the tool.</summary>
    public required string Tool { get; init; }

    public required ModelSize Before { get; init; }

    public required ModelSize After { get; init; }

    /// <summary>Every run of a pass, in order.</summary>
    public required IReadOnlyList<PassReport> Passes { get; init; }

    /// <summary>For every rule that could not be applied somewhere the place where it came furthest.</summary>
    public IReadOnlyList<NearMiss> NearMisses { get; init; } = [];

    /// <summary>Which node keeps its weights in which format, if some were to be quantised.</summary>
    public CompressionPlan? Plan { get; init; }

    /// <summary>How the plan was found; null where it was not searched.</summary>
    public PlanSearchResult? Search { get; init; }

    /// <summary>What the ranges of quantised activations come from, if some were needed.</summary>
    public CalibrationSummary? Calibration { get; init; }

    /// <summary>What rounding with error feedback comes from, if there was any.</summary>
    public ErrorFeedbackSummary? ErrorFeedback { get; init; }

    /// <summary>What the rule did that was to be explained.</summary>
    public RuleExplanation? Explanation { get; init; }

    /// <summary>The nodes that keep the precision of the model, and why; null where no other was asked for.</summary>
    public IReadOnlyList<UnconvertedNode>? Unconverted { get; init; }

    /// <summary>The comparison with the original, if there was one.</summary>
    public VerificationReport? Verification { get; init; }

    /// <summary>What the result is worse by on samples, if that was measured.</summary>
    public MetricResult? Accuracy { get; init; }

    /// <summary>The times of original and result, if they were measured.</summary>
    public MeasurementReport? Measurement { get; init; }

    /// <summary>The graphs, where there are several; what stands above is of the first, but for the bytes, which are of all.</summary>
    public IReadOnlyList<VariantReport>? Variants { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Whether the result was taken from the cache: the passes and the comparison are those of then.</summary>
    public bool IsCached { get; init; }

    public required double Seconds { get; init; }

    /// <summary>The report as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.CompilationReport) + "\n";
}

/// <summary>How large a model is.</summary>
internal sealed record ModelSize(long Bytes, int Nodes, IReadOnlyDictionary<string, int> Operators);

/// <summary>One run of one pass.</summary>
internal sealed record PassReport(int Step, string Phase, string Pass, int Changes, double Milliseconds)
{
    public static IReadOnlyList<PassReport> Of(IEnumerable<PassRun> runs) =>
        [.. runs.Select(run => new PassReport(run.Step, run.Phase.ToString(), run.Pass, run.Changes, Math.Round(run.Duration.TotalMilliseconds, 3)))];
}

/// <summary>What original and result take on the machine that compiled them.</summary>
/// <param name="Inputs">What they ran on.</param>
/// <param name="Original">The original, as ONNX Runtime loads it by itself.</param>
/// <param name="Levels">The result at each level.</param>
/// <param name="Level">The level that the manifest says.</param>
internal sealed record MeasurementReport(string Inputs, LevelReport Original, IReadOnlyList<LevelReport> Levels, string Level)
{
    /// <summary>The result at the level that the manifest says.</summary>
    [JsonIgnore]
    public LevelReport Result => Levels.FirstOrDefault(l => l.LoadOptimization == Level) ?? Levels[0];
}

/// <summary>Times of one model at one level.</summary>
/// <param name="LoadOptimization">How much ONNX Runtime optimised when it loaded the model.</param>
/// <param name="LoadMilliseconds">The least time to load it.</param>
/// <param name="RunMilliseconds">The least time to run it.</param>
internal sealed record LevelReport(string LoadOptimization, double LoadMilliseconds, double RunMilliseconds);

/// <summary>How the result compares with the original.</summary>
internal sealed record VerificationReport(string Outcome, double Error, double MaximumDifference, double Tolerance, IReadOnlyList<InputReport> Inputs)
{
    public static VerificationReport Of(VerificationResult result, double tolerance) => new(
        result.Outcome.ToString(),
        result.Error,
        result.MaximumDifference,
        tolerance,
        [.. result.Inputs.Select(i => new InputReport(i.Kind, [.. i.Outputs.Select(o => new OutputReport(o.Output, o.Error, o.MaximumDifference))]))]);
}

/// <summary>One set of inputs that both models ran on.</summary>
internal sealed record InputReport(string Kind, IReadOnlyList<OutputReport> Outputs);

/// <summary>One output that was compared.</summary>
internal sealed record OutputReport(string Output, double Error, double MaximumDifference);

/// <summary>Makes JSON without reflection, which would cost start-up.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(CompilationReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
