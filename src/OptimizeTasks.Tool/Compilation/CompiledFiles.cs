using OptimizeTasks.Manifest;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>The files of a compiled model while they are made.</summary>
internal sealed class CompiledFiles
{
    private const string DataExtension = ".data";

    /// <summary>Places for the files in a staging folder.</summary>
    /// <param name="staging">The folder.</param>
    /// <param name="outputPath">Where the model goes.</param>
    /// <param name="variants">The names that the model's variants may have beside its own.</param>
    public CompiledFiles(StagingFolder staging, string outputPath, params IEnumerable<string> variants)
    {
        DataPath = staging.PathOf(Path.GetFileName(DataPathOf(outputPath)));
        ModelPath = staging.PathOf(Path.GetFileName(outputPath));
        ModelPaths = [.. variants.Select(staging.PathOf).Prepend(ModelPath).Distinct()];
        ManifestPath = staging.PathOf(Path.GetFileName(CompiledModel.PathBeside(outputPath)));
    }

    /// <summary>The weights, where they have a file of their own.</summary>
    public string DataPath { get; }

    /// <summary>The model, or the first of its variants.</summary>
    public string ModelPath { get; }

    /// <summary>The model and its variants.</summary>
    public IReadOnlyList<string> ModelPaths { get; }

    /// <summary>The manifest.</summary>
    public string ManifestPath { get; }

    /// <summary>The name of the model's file.</summary>
    public string ModelName => Path.GetFileName(ModelPath);

    /// <summary>The name of the file of weights.</summary>
    public string DataName => Path.GetFileName(DataPath);

    /// <summary>Whether the weights have a file of their own.</summary>
    public bool HasData => File.Exists(DataPath);

    /// <summary>Bytes of the model, its variants and their weights.</summary>
    public long ModelBytes => ExistingModels.Append(DataPath).Where(File.Exists).Sum(path => new FileInfo(path).Length);

    /// <summary>The models that were made.</summary>
    public IEnumerable<string> ExistingModels => ModelPaths.Where(File.Exists);

    /// <summary>The files that were made, those that others refer to first.</summary>
    public IReadOnlyList<string> Existing => [.. All.Where(File.Exists)];

    private IEnumerable<string> All => [DataPath, .. ModelPaths, ManifestPath];

    /// <summary>Where the file of this name is made; null where it is none of these.</summary>
    public string? PathOf(string name) => All.FirstOrDefault(path => Path.GetFileName(path) == name);

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
