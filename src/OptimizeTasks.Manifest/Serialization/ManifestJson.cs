using System.Text.Json.Serialization;

namespace OptimizeTasks.Manifest.Serialization;

/// <summary>The layout of the text. It is read by this; <see cref="ManifestWriter"/> writes the same by hand.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(CompiledModel))]
[JsonSerializable(typeof(Signature))]
internal sealed partial class ManifestJson : JsonSerializerContext;
