using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OptimizeTasks.Manifest.Serialization;

namespace OptimizeTasks.Manifest;

/// <summary>
/// The manifest of a compiled model (<c>name.model.json</c>): all that the library which runs the model knows of the build.
/// </summary>
public sealed record CompiledModel
{
    /// <summary>The version of the manifest's layout that this library writes, and the newest that it reads.</summary>
    public const int NewestSchemaVersion = 1;

    /// <summary>The end of a manifest's file name, in place of <c>.onnx</c>.</summary>
    public const string FileExtension = ".model.json";

    /// <summary>The version of the manifest's layout.</summary>
    [JsonPropertyOrder(-2)]
    public int SchemaVersion { get; init; } = NewestSchemaVersion;

    /// <summary>The <see cref="OptimizeTasks.Manifest.RuntimeContract"/> that a library needs to run the model.</summary>
    [JsonPropertyOrder(-1)]
    public int RuntimeContract { get; init; } = OptimizeTasks.Manifest.RuntimeContract.Version;

    /// <summary>The model's name: its file name without extension.</summary>
    public required string Name { get; init; }

    /// <summary>A hash of the model that was compiled, its external data included; changes when the model changes.</summary>
    public required string SourceHash { get; init; }

    /// <summary>What goes in and out.</summary>
    public required Signature Signature { get; init; }

    /// <summary>The graphs to choose from; the first whose condition holds is taken.</summary>
    public ImmutableArray<Variant> Variants { get; init; } = [];

    /// <summary>Reads a manifest.</summary>
    /// <param name="json">UTF-8 text.</param>
    /// <exception cref="ManifestException">The text is no manifest, or one of a newer schema version.</exception>
    public static CompiledModel Read(ReadOnlyMemory<byte> json) => ManifestReader.Read(json);

    /// <summary>Reads a manifest from a file.</summary>
    /// <exception cref="ManifestException">The file is no manifest, or one of a newer schema version.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static CompiledModel ReadFile(string path) => ManifestReader.ReadFile(path);

    /// <summary>The manifest as indented JSON with <c>\n</c> line ends; equal manifests give equal text.</summary>
    public string ToJson() => ManifestWriter.Write(this);

    /// <summary>The path of the manifest beside a model: <c>models/x.onnx</c> has <c>models/x.model.json</c>.</summary>
    public static string PathBeside(string modelPath) => Path.ChangeExtension(modelPath, null) + FileExtension;
}
