using OptimizeTasks.Benchmarks.Architectures;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Benchmarks.Measuring;

/// <summary>Where benchmarks keep their files: <c>artifacts/benchmarks</c>, on the disk of the repository.</summary>
internal static class Workspace
{
    private static readonly HashSet<string> s_models = [];

    /// <summary>The folder.</summary>
    public static string Folder { get; } = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "benchmarks")).FullName;

    /// <summary>The tool of this build, in its configuration.</summary>
    public static string Tool { get; } = Path.Combine(Repository.Root, "src", "OptimizeTasks.Tool", "bin", Configuration, "net8.0", "OptimizeTasks.Tool.dll");

    /// <summary>The configuration that this program was built in.</summary>
    public static string Configuration =>
#if DEBUG
        "Debug";
#else
        "Release";
#endif

    /// <summary>The file of a model of the catalogue, which is written once in a run.</summary>
    public static string Model(string name)
    {
        string path = File(name + ".onnx");
        if (s_models.Add(path))
        {
            using Model model = Catalogue.All[name]();
            ModelWriter.Write(model, path);
        }

        return path;
    }

    /// <summary>Deletes the models that were written in this run.</summary>
    public static void DeleteModels()
    {
        foreach (string path in s_models)
            Delete(path);
        s_models.Clear();
    }

    /// <summary>Deletes a model and its data.</summary>
    public static void Delete(string model)
    {
        foreach (string path in new[] { model, model + ".data", Path.ChangeExtension(model, ".model.json") })
            System.IO.File.Delete(path);
    }

    /// <summary>Bytes of a model and its data.</summary>
    public static long Length(string model) =>
        new[] { model, model + ".data" }.Where(System.IO.File.Exists).Sum(path => new FileInfo(path).Length);

    /// <summary>The path of a file.</summary>
    public static string File(string name) => Path.Combine(Folder, name);
}
