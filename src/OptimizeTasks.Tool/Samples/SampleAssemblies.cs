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
            : FilesIn(Path.GetDirectoryName(Path.GetFullPath(assembly))!);
        _files = [.. files.Select(file => (File: file, Fit: Fit(file))).Where(f => f.Fit >= 0).OrderBy(f => f.Fit).Select(f => f.File)];
    }

    /// <summary>The platforms whose files fit this one, the closest first, as packages name them.</summary>
    private static string[] Platforms { get; } = PlatformsOf(RuntimeInformation.RuntimeIdentifier);

    /// <summary>The platforms whose files fit one, itself first. .NET that a distribution built names the distribution, and packages do not.</summary>
    public static string[] PlatformsOf(string identifier)
    {
        string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        bool isMusl = identifier.Contains("musl", StringComparison.Ordinal) || identifier.StartsWith("alpine", StringComparison.Ordinal);
        string architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        string[] portable = isMusl ? [$"{system}-musl-{architecture}", $"{system}-musl"] : [$"{system}-{architecture}"];
        return [identifier, .. portable, system, .. OperatingSystem.IsWindows() ? (string[])[] : ["unix"], "any"];
    }

    /// <summary>The folder of the platform that a file is for, as packages arrange them; null where it is for all.</summary>
    public static string? PlatformOf(string file) => PlatformFolder().Match(file) is { Success: true } match ? match.Groups[1].Value : null;

    protected override Assembly? Load(AssemblyName assemblyName) => Find(assemblyName.Name + ".dll") is { } path ? LoadFromAssemblyPath(path) : null;

    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        string extension = OperatingSystem.IsWindows() ? ".dll" : OperatingSystem.IsMacOS() ? ".dylib" : ".so";
        string? path = new[] { unmanagedDllName, unmanagedDllName + extension, $"lib{unmanagedDllName}{extension}" }.Select(Find).FirstOrDefault(p => p is not null);
        return path is null ? 0 : LoadUnmanagedDllFromPath(path);
    }

    private string? Find(string name) => Array.Find(_files, file => Path.GetFileName(file).Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The rank of a file among others of its name; negative where it is for another platform.</summary>
    private static int Fit(string file) => PlatformOf(file) is { } platform ? Array.IndexOf(Platforms, platform) : Platforms.Length;

    /// <summary>What a build puts into an output folder; what else is below it may be anything.</summary>
    private static IEnumerable<string> FilesIn(string folder)
    {
        string platforms = Path.Combine(folder, "runtimes");
        return Directory.EnumerateFiles(folder)
            .Concat(Directory.Exists(platforms) ? Directory.EnumerateFiles(platforms, "*", new EnumerationOptions { RecurseSubdirectories = true }) : []);
    }

    // Not a folder further up that has such a name by chance.
    [GeneratedRegex(@"^.*[/\\]runtimes[/\\]([^/\\]+)[/\\](?:lib|native|nativeassets)(?:[/\\][^/\\]+){1,3}$")]
    private static partial Regex PlatformFolder();
}
