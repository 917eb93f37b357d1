using OptimizeTasks.Testing;

namespace OptimizeTasks.Benchmarks.Measuring;

/// <summary>Where benchmarks keep their files: <c>artifacts/benchmarks</c>, on the disk of the repository.</summary>
internal static class Workspace
{
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

    /// <summary>The path of a file.</summary>
    public static string File(string name) => Path.Combine(Folder, name);
}
