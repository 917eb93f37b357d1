namespace OptimizeTasks.Testing;

/// <summary>
/// Real models that stand beside the repository (<c>../shared/models</c>, or the folder that the variable
/// <c>OPTIMIZETASKS_MODELS</c> names). They are not part of it: where they are absent, tests that need them are skipped.
/// </summary>
public static class SharedModels
{
    /// <summary>The folder, or null where there is none.</summary>
    public static string? Root { get; } = FindRoot();

    /// <summary>The path of one model, for instance <c>vision/vit-tiny.onnx</c>.</summary>
    public static string Path(string name) => System.IO.Path.Combine(Root ?? throw new DirectoryNotFoundException("no shared models here"), name);

    /// <summary>All models outside <c>fusion/</c>, as relative names.</summary>
    public static IEnumerable<string> All => Names(name => !name.StartsWith("fusion/", StringComparison.Ordinal));

    /// <summary>The small graphs for fusion rules, as relative names.</summary>
    public static IEnumerable<string> Fusion => Names(name => name.StartsWith("fusion/", StringComparison.Ordinal));

    private static IEnumerable<string> Names(Func<string, bool> wanted) => Root is null
        ? []
        : Directory.EnumerateFiles(Root, "*.onnx", SearchOption.AllDirectories)
            .Select(path => System.IO.Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(wanted)
            .Order(StringComparer.Ordinal);

    private static string? FindRoot()
    {
        string folder = Environment.GetEnvironmentVariable("OPTIMIZETASKS_MODELS")
            ?? System.IO.Path.Combine(Repository.Root, "..", "shared", "models");
        return Directory.Exists(folder) ? System.IO.Path.GetFullPath(folder) : null;
    }
}
