using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OptimizeTasks.Manifest.Serialization;

namespace OptimizeTasks.Manifest;

/// <summary>When a variant applies. What is not said does not matter.</summary>
public sealed record VariantCondition
{
    /// <summary>The provider by the name that the build's <c>Providers</c> uses (<c>Cpu</c>, <c>Cuda</c>, …), or null for any.</summary>
    public string? Provider { get; init; }

    /// <summary>The sizes of symbolic dimensions: symbol → range.</summary>
    [JsonConverter(typeof(DimensionRangesConverter))]
    public ImmutableSortedDictionary<string, DimensionRange> Dimensions { get; init; } = DimensionRangesConverter.Empty;
}
