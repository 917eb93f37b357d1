using System.Globalization;
using OptimizeTasks.Compiler;
using OptimizeTasks.Tool.Benchmarking;

namespace OptimizeTasks.Tool.Reporting;

/// <summary>What one compilation did, in one line.</summary>
internal sealed record SummaryLine
{
    private static readonly (double Size, string Name)[] s_units = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "B")];

    public required string Source { get; init; }

    public required string Target { get; init; }

    public required int NodesBefore { get; init; }

    public required int NodesAfter { get; init; }

    /// <summary>The other graphs, where there are several: their files and their nodes.</summary>
    public IReadOnlyList<(string File, int Nodes)> Others { get; init; } = [];

    public required long BytesBefore { get; init; }

    public required long BytesAfter { get; init; }

    /// <summary>The greatest relative L2 error of an output; null where the result was not compared.</summary>
    public double? Error { get; init; }

    /// <summary>What the result is worse by on samples; null where that was not measured.</summary>
    public MetricResult? Accuracy { get; init; }

    /// <summary>The milliseconds that one run of original and result takes; null where they were not measured.</summary>
    public (double Before, double After)? Run { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>Whether the result was taken from the cache.</summary>
    public bool IsCached { get; init; }

    /// <summary>The summary of a compilation.</summary>
    /// <param name="report">What it did.</param>
    /// <param name="source">What the model is called.</param>
    /// <param name="isCached">Whether the result was taken from the cache.</param>
    /// <param name="duration">How long that took.</param>
    public static SummaryLine Of(CompilationReport report, string source, bool isCached, TimeSpan duration) => new()
    {
        Source = source,
        Target = report.Output,
        NodesBefore = report.Before.Nodes,
        NodesAfter = report.After.Nodes,
        BytesBefore = report.Before.Bytes,
        BytesAfter = report.After.Bytes,
        Others = [.. (report.Variants ?? []).Skip(1).Select(v => (v.File, v.Nodes))],
        Error = (report.Variants ?? []).Select(v => v.Verification).Append(report.Verification)
            .Select(v => v is { Outcome: nameof(VerificationOutcome.Passed) } ? v.Error : (double?)null).Aggregate((a, b) => a is null || b is null ? null : Math.Max(a.Value, b.Value)),
        Accuracy = (report.Variants ?? []).Select(v => v.Accuracy).OfType<MetricResult>().MaxBy(a => a.Loss) ?? report.Accuracy,
        Run = report.Measurement is { } measurement ? (measurement.Original.RunMilliseconds, measurement.Result.RunMilliseconds) : null,
        Duration = duration,
        IsCached = isCached,
    };

    /// <summary>For instance <c>minilm.onnx → minilm.onnx  586 → 68 nodes, 86.7 → 22.1 MB, error 1.2e-6, 19.3 → 6.7 ms  [0.9 s]</c>.</summary>
    public override string ToString()
    {
        string error = Error switch
        {
            null => "not verified",
            0 => "error 0",
            { } value => "error " + value.ToString("0.0e-0", CultureInfo.InvariantCulture),
        };
        return Printable.Text(string.Create(CultureInfo.InvariantCulture,
            $"{Source} → {string.Join(", ", Others.Select(o => o.File).Prepend(Target))}  {NodesBefore} → {string.Join(", ", Others.Select(o => o.Nodes).Prepend(NodesAfter))} nodes, {Sizes()}, {error}{Metric()}{Times()}  [{(IsCached ? "cached, " : "")}{Duration.TotalSeconds:0.0} s]"));
    }

    private string Metric() => Accuracy is { } accuracy ? ", " + MetricText.Of(accuracy) : "";

    private string Times() => Run is { } run ? $", {BenchmarkText.Milliseconds(run.Before)} → {BenchmarkText.Milliseconds(run.After)} ms" : "";

    /// <summary>Both sizes in the unit of the larger one.</summary>
    private string Sizes()
    {
        (double size, string name) = Array.Find(s_units, unit => Math.Max(BytesBefore, BytesAfter) >= unit.Size) is { Size: > 0 } found ? found : s_units[^1];
        string format = size == 1 ? "0" : "0.0";
        string before = (BytesBefore / size).ToString(format, CultureInfo.InvariantCulture);
        string after = (BytesAfter / size).ToString(format, CultureInfo.InvariantCulture);
        return $"{before} → {after} {name}";
    }
}
