using OptimizeTasks.Manifest;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>What earlier compilations left where a model goes.</summary>
/// <param name="modelPath">Where the model goes.</param>
/// <param name="modelPaths">Where the model and its variants may go.</param>
internal sealed class EarlierFiles(string modelPath, IReadOnlyList<string> modelPaths)
{
    private const string Extension = ".onnx";
    private const string SecondMark = ".next";

    private readonly string[] _variants = [.. VariantsOf(modelPath)];

    /// <summary>The files of variants that the manifest in the destination names, beside the model's own. What has a manifest of its own is another model.</summary>
    public IEnumerable<string> Variants() => _variants.Where(path => File.Exists(path) && !File.Exists(CompiledModel.PathBeside(path)));

    /// <summary>The second names of earlier runs that were killed; the manifest may lead to them.</summary>
    public IEnumerable<string> SecondNames() => modelPaths.Concat(_variants).Distinct()
        .SelectMany(path => Directory.GetFiles(Path.GetDirectoryName(path)!, Path.GetFileName(SecondName(path, "*"))));

    /// <summary>For instance <c>x.onnx.next1</c>, and <c>x.onnx.next1.data</c> for its data.</summary>
    public static string SecondName(string path, string number) => path + SecondMark + number;

    /// <summary>Of whatever a manifest says, only what is named as a variant of this model was made by an earlier compilation.</summary>
    private static IEnumerable<string> VariantsOf(string modelPath)
    {
        string folder = Path.GetDirectoryName(modelPath)!, name = Path.GetFileName(modelPath), stem = Path.GetFileNameWithoutExtension(name) + ".";
        return Names(CompiledModel.PathBeside(modelPath)).Select(Published)
            .Where(file => file != name && file.AsSpan().IndexOfAny('/', '\\', ':') < 0 && file.StartsWith(stem, StringComparison.Ordinal) && file.EndsWith(Extension, StringComparison.Ordinal))
            .Distinct().Select(file => Path.Combine(folder, file));
    }

    /// <summary>The name that a file has when all is in its place.</summary>
    private static string Published(string file)
    {
        int mark = file.LastIndexOf(SecondMark, StringComparison.Ordinal);
        return mark >= 0 && file.AsSpan(mark + SecondMark.Length).IndexOfAnyExceptInRange('0', '9') < 0 ? file[..mark] : file;
    }

    private static IEnumerable<string> Names(string manifestPath)
    {
        try
        {
            return File.Exists(manifestPath) ? CompiledModel.ReadFile(manifestPath).Variants.Select(v => v.File) : [];
        }
        catch (Exception e) when (e is ManifestException or IOException or UnauthorizedAccessException)
        {
            // It is no manifest of ours, or is replaced just now.
            return [];
        }
    }
}
