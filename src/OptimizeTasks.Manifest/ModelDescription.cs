using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OptimizeTasks.Manifest.Serialization;

namespace OptimizeTasks.Manifest;

/// <summary>What a model says of itself. It becomes documentation, and changes nothing else.</summary>
public sealed record ModelDescription
{
    /// <summary>The tool that wrote the model, or null.</summary>
    public string? ProducerName { get; init; }

    /// <summary>The version of that tool, or null.</summary>
    public string? ProducerVersion { get; init; }

    /// <summary>The model's own domain, or null.</summary>
    public string? Domain { get; init; }

    /// <summary>The model's own version, or null.</summary>
    public long? ModelVersion { get; init; }

    /// <summary>The name of the model's graph, or null.</summary>
    public string? GraphName { get; init; }

    /// <summary>Documentation of the model or its graph, or null.</summary>
    public string? DocString { get; init; }

    /// <summary>Free metadata (<c>metadata_props</c>).</summary>
    [JsonConverter(typeof(StringMapConverter))]
    public ImmutableSortedDictionary<string, string> Metadata { get; init; } = StringMapConverter.Empty;
}
