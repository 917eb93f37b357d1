using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;

namespace OptimizeTasks.Compiler;

/// <summary>What <see cref="PlanSearch"/> found, and how.</summary>
public sealed record PlanSearchResult
{
    /// <summary>The fastest plan that was found to hold the budget; one that quantises nothing where none is faster than floating point.</summary>
    public required CompressionPlan Plan { get; init; }

    /// <summary>The candidate that <see cref="Plan"/> is.</summary>
    public required PlanCandidate Chosen { get; init; }

    /// <summary>The plans that were compiled, run and timed as a whole, the chosen one among them.</summary>
    public required ImmutableArray<PlanCandidate> Candidates { get; init; }

    /// <summary>What each layer, or each few layers that were judged together, costs and gains in each format that was tried.</summary>
    public required ImmutableArray<LayerSensitivity> Layers { get; init; }

    /// <summary>The greatest error that was allowed.</summary>
    public required double Budget { get; init; }

    /// <summary>What the errors were measured on.</summary>
    public required string Samples { get; init; }

    /// <summary>The error and the time of every candidate, in one sentence.</summary>
    [JsonIgnore]
    public string Summary => string.Create(CultureInfo.InvariantCulture, $"The budget is {Budget:0.0e-0}, and on {Samples} there are: ")
        + string.Join(", ", Candidates.Select(candidate => string.Create(CultureInfo.InvariantCulture, $"{candidate.Name} (error {candidate.Error:0.0e-0}, {(candidate.Milliseconds is { } time ? $"{time:0.00} ms" : $"{candidate.Bytes / 1e6:0.0} MB")})")));
}
