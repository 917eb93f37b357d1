using System.Text.Json.Serialization;

namespace OptimizeTasks.Tool.Options;

/// <summary>The options file that the MSBuild task writes for one item.</summary>
internal sealed record BuildOptions
{
    /// <summary>The version of this layout that the tool knows.</summary>
    public const int KnownVersion = 1;

    public required int Version { get; init; }

    public required BuildMode Mode { get; init; }

    /// <summary>The absolute path of the model.</summary>
    public required string Model { get; init; }

    /// <summary>What diagnostics call the model.</summary>
    public string? DisplayPath { get; init; }

    /// <summary>The item's metadata as written in the project.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>The assembly that the source files of the item's samples were compiled to; null where it has none.</summary>
    public string? SampleClass { get; init; }

    /// <summary>Where the app finds the model, relative to its output folder.</summary>
    public string? TargetPath { get; init; }

    /// <summary>The folder that receives model, data, manifest and report.</summary>
    public string? OutputFolder { get; init; }

    /// <summary>The file that receives the class; null for none.</summary>
    public string? SourceFile { get; init; }

    /// <summary>The file that receives the list of produced files, one <c>kind|path</c> a line.</summary>
    public string? OutputsList { get; init; }
}

/// <summary>What the task asks for.</summary>
internal enum BuildMode
{
    /// <summary>The model and its class.</summary>
    Compile,

    /// <summary>The class only: nothing is run.</summary>
    Generate,
}

/// <summary>Reads JSON without reflection, which would cost start-up.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(BuildOptions))]
internal sealed partial class BuildOptionsJson : JsonSerializerContext;
