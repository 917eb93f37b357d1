using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OptimizeTasks.Manifest.Serialization;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(CompiledModel))]
[JsonSerializable(typeof(Signature))]
internal sealed partial class ManifestJson : JsonSerializerContext
{
    private static ManifestJson? s_readable;

    /// <summary>The file is never part of HTML: names stay readable.</summary>
    public static ManifestJson Readable => s_readable ??= new(new JsonSerializerOptions(Default.Options)
    {
        TypeInfoResolver = null,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
