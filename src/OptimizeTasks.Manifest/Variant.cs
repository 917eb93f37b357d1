using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OptimizeTasks.Manifest.Serialization;

namespace OptimizeTasks.Manifest;

/// <summary>One graph of a compiled model: when it applies, what to load, and how.</summary>
public sealed record Variant
{
    /// <summary>The name, unique in the manifest.</summary>
    public required string Name { get; init; }

    /// <summary>When the variant applies; always, if it says nothing.</summary>
    public VariantCondition When { get; init; } = new();

    /// <summary>The ONNX file, relative to the manifest's folder, with <c>/</c> between folders.</summary>
    public required string File { get; init; }

    /// <summary>The files of weights that <see cref="File"/> refers to, relative to the manifest's folder.</summary>
    public ImmutableArray<string> DataFiles { get; init; } = [];

    /// <summary>How much ONNX Runtime still optimises at load.</summary>
    public LoadOptimization LoadOptimization { get; init; } = LoadOptimization.All;

    /// <summary>Entries of ONNX Runtime's session configuration.</summary>
    [JsonConverter(typeof(StringMapConverter))]
    public ImmutableSortedDictionary<string, string> SessionConfiguration { get; init; } = StringMapConverter.Empty;

    /// <summary>Options of the variant's provider, in ONNX Runtime's own names; the app's options go before these.</summary>
    [JsonConverter(typeof(StringMapConverter))]
    public ImmutableSortedDictionary<string, string> ProviderOptions { get; init; } = StringMapConverter.Empty;
}
