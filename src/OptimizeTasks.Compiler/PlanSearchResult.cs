using System.Collections.Immutable;

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
}
