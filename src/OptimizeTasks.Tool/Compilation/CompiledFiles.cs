using OptimizeTasks.Manifest;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>The files of a compiled model while they are made.</summary>
internal sealed class CompiledFiles
{
    private const string DataExtension = ".data";

    /// <summary>Places for the files in a staging folder.</summary>
    public CompiledFiles(StagingFolder staging, string outputPath)
    {
        DataPath = staging.PathOf(Path.GetFileName(DataPathOf(outputPath)));
        ModelPath = staging.PathOf(Path.GetFileName(outputPath));
        ManifestPath = staging.PathOf(Path.GetFileName(CompiledModel.PathBeside(outputPath)));
    }

    /// <summary>The weights, where they have a file of their own.</summary>
    public string DataPath { get; }

    /// <summary>The model.</summary>
    public string ModelPath { get; }

    /// <summary>The manifest.</summary>
    public string ManifestPath { get; }

    /// <summary>The name of the model's file.</summary>
    public string ModelName => Path.GetFileName(ModelPath);

    /// <summary>The name of the file of weights.</summary>
    public string DataName => Path.GetFileName(DataPath);

    /// <summary>Whether the weights have a file of their own.</summary>
    public bool HasData => File.Exists(DataPath);

    /// <summary>Bytes of the model and its weights.</summary>
    public long ModelBytes => new FileInfo(ModelPath).Length + (HasData ? new FileInfo(DataPath).Length : 0);

    /// <summary>The files that were made.</summary>
    public IReadOnlyList<string> Existing => [.. new[] { DataPath, ModelPath, ManifestPath }.Where(File.Exists)];

    /// <summary>Where the file of this name is made; null where it is none of these.</summary>
    public string? PathOf(string name) => Array.Find([DataPath, ModelPath, ManifestPath], path => Path.GetFileName(path) == name);

    /// <summary>The file of weights beside a model.</summary>
    public static string DataPathOf(string modelPath) => modelPath + DataExtension;

    /// <summary>What a published file is.</summary>
    public static string KindOf(string path) => path switch
    {
        _ when path.EndsWith(CompiledModel.FileExtension, StringComparison.Ordinal) => "manifest",
        _ when path.EndsWith(DataExtension, StringComparison.Ordinal) => "data",
        _ => "model",
    };
}
