using System.Text.Json;

namespace OptimizeTasks.Manifest.Serialization;

internal static class ManifestReader
{
    /// <summary>A manifest is some kilobytes; nothing larger is read into memory.</summary>
    private const int LargestFile = 64 << 20;

    public static CompiledModel ReadFile(string path)
    {
        var file = new FileInfo(path);
        if (file.Exists && file.Length > LargestFile)
            throw new ManifestException($"{path} is no model manifest: it has {file.Length} bytes");
        try
        {
            return Read(File.ReadAllBytes(path));
        }
        catch (ManifestException exception)
        {
            throw new ManifestException($"{path}: {exception.Message}", exception.InnerException);
        }
    }

    public static CompiledModel Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(WithoutByteOrderMark(json));
            CheckSchemaVersion(document.RootElement);
            CompiledModel model = document.Deserialize(ManifestJson.Default.CompiledModel) ?? throw new ManifestException("the model manifest is empty");
            ManifestCheck.Check(model);
            return model;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw new ManifestException($"the model manifest is damaged: {exception.Message}", exception);
        }
    }

    // Before anything else is looked at: a newer layout may fail in any way.
    private static void CheckSchemaVersion(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("schemaVersion", out JsonElement element)
            || element.ValueKind != JsonValueKind.Number || !element.TryGetInt32(out int version) || version < 1)
        {
            throw new ManifestException("this is no model manifest: it has no schemaVersion");
        }

        if (version > CompiledModel.NewestSchemaVersion)
        {
            throw new ManifestException(
                $"the model manifest has schema version {version}, and this version of OptimizeTasks.Manifest reads up to {CompiledModel.NewestSchemaVersion}: "
                + "update OptimizeTasks.Runtime, or build the model with the version that the app uses");
        }
    }

    private static ReadOnlyMemory<byte> WithoutByteOrderMark(ReadOnlyMemory<byte> json) =>
        json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;
}
