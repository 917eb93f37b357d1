using System.Text.Json.Serialization;
using OptimizeTasks.Execution;

namespace OptimizeTasks.Tool.Benchmarking;

/// <summary>What a benchmark found; the properties are those of its JSON.</summary>
internal sealed record BenchmarkResult
{
    /// <summary>What the models ran on.</summary>
    public required string Inputs { get; init; }

    public required string Provider { get; init; }

    /// <summary>Threads inside an operator; 0 for one per core.</summary>
    public required int Threads { get; init; }

    public required int Rounds { get; init; }

    /// <summary>Runs in each round, the first not counted.</summary>
    public required int Runs { get; init; }

    public required IReadOnlyList<ContenderResult> Models { get; init; }
}

/// <summary>What one model took, over all rounds. Times are milliseconds.</summary>
internal sealed record ContenderResult
{
    public required string Model { get; init; }

    /// <summary>How much ONNX Runtime optimised it when it was loaded.</summary>
    public required string LoadOptimization { get; init; }

    /// <summary>Creating the session.</summary>
    public required Times Load { get; init; }

    /// <summary>The first run of each session.</summary>
    public required Times FirstRun { get; init; }

    /// <summary>All further runs.</summary>
    public required Times Run { get; init; }

    /// <summary>The greatest resident set of a process with nothing but this model.</summary>
    public required long PeakBytes { get; init; }

    /// <summary>How many times as fast as the first model it runs, by the minima.</summary>
    public required double Speedup { get; init; }

    /// <summary>The greatest relative error of an output against the first model; null where they share none.</summary>
    public required double? Error { get; init; }

    public static ContenderResult Of(Contender contender, IReadOnlyList<ModelMeasurement> measurements, double firstMinimum, double? error)
    {
        Times run = Times.Of(measurements.SelectMany(m => m.RunMilliseconds));
        return new ContenderResult
        {
            Model = contender.Name,
            LoadOptimization = contender.Settings.Optimization.ToString(),
            Load = Times.Of(measurements.Select(m => m.LoadMilliseconds)),
            FirstRun = Times.Of(measurements.Select(m => m.FirstRunMilliseconds)),
            Run = run,
            PeakBytes = measurements.Max(m => m.PeakBytes),
            Speedup = firstMinimum / run.Minimum,
            Error = error,
        };
    }
}

/// <summary>Many times in three numbers.</summary>
/// <param name="Minimum">The least.</param>
/// <param name="Median">The one in the middle.</param>
/// <param name="Percentile95">The one below which 95 of 100 are.</param>
internal sealed record Times(double Minimum, double Median, double Percentile95)
{
    /// <summary>The least, the middle, and the one at 95 of 100, each of them a measured one.</summary>
    public static Times Of(IEnumerable<double> times)
    {
        double[] sorted = [.. times.Order()];
        return new Times(sorted[0], sorted[Rank(0.5)], sorted[Rank(0.95)]);

        int Rank(double share) => Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1);
    }
}

/// <summary>Makes JSON without reflection, which would cost start-up.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(BenchmarkResult))]
internal sealed partial class BenchmarkJson : JsonSerializerContext;
