using System.Text.Json;

namespace OptimizeTasks.Manifest.Serialization;

internal static class ManifestWriter
{
    public static string Write(CompiledModel model) =>
        JsonSerializer.Serialize(model, ManifestJson.Readable.CompiledModel).ReplaceLineEndings("\n") + "\n";
}
