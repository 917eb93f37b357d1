using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Text.RegularExpressions;

namespace OptimizeTasks.Tool.Samples;

/// <summary>
/// Loads an assembly of a project, and what the project references, in the project's versions: from the files that the build
/// lists beside it, or else from its folder.
/// </summary>
internal sealed partial class SampleAssemblies : AssemblyLoadContext
{
    private readonly string[] _files;

    public SampleAssemblies(string assembly)
        : base("samples")
    {
        string list = Path.ChangeExtension(assembly, ".references.txt");
        IEnumerable<string> files = File.Exists(list)
            ? File.ReadAllLines(list)
            : Directory.EnumerateFiles(Path.GetDirectoryName(Path.GetFullPath(assembly))!, "*", SearchOption.AllDirectories);
        _files = [.. files.Select(file => (File: file, Fit: Fit(file))).Where(f => f.Fit >= 0).OrderBy(f => f.Fit).Select(f => f.File)];
    }

    /// <summary>The platforms whose files fit this one, the closest first, as packages name them.</summary>
    private static string[] Platforms { get; } =
    [
        RuntimeInformation.RuntimeIdentifier,
        OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux",
        OperatingSystem.IsWindows() ? "any" : "unix",
    ];

    protected override Assembly? Load(AssemblyName assemblyName) => Find(assemblyName.Name + ".dll") is { } path ? LoadFromAssemblyPath(path) : null;

    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        string extension = OperatingSystem.IsWindows() ? ".dll" : OperatingSystem.IsMacOS() ? ".dylib" : ".so";
        string? path = new[] { unmanagedDllName, unmanagedDllName + extension, $"lib{unmanagedDllName}{extension}" }.Select(Find).FirstOrDefault(p => p is not null);
        return path is null ? 0 : LoadUnmanagedDllFromPath(path);
    }

    private string? Find(string name) => Array.Find(_files, file => Path.GetFileName(file).Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The rank of a file among others of its name; negative where it is for another platform.</summary>
    private static int Fit(string file) => PlatformFolder().Match(file) is { Success: true } match
        ? Array.IndexOf(Platforms, match.Groups[1].Value)
        : Platforms.Length;

    [GeneratedRegex(@"[/\\]runtimes[/\\]([^/\\]+)[/\\]")]
    private static partial Regex PlatformFolder();
}
