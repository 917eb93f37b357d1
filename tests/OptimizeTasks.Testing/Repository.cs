using System.Runtime.CompilerServices;

namespace OptimizeTasks.Testing;

/// <summary>Where this repository is.</summary>
public static class Repository
{
    /// <summary>The folder with the solution.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(SourcePath())!, "..", ".."));

    private static string SourcePath([CallerFilePath] string path = "") => path;
}
