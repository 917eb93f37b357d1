using System.Reflection;
using OptimizeTasks.Testing;

namespace OptimizeTasks.EndToEnd.Projects;

/// <summary>
/// The packages of this repository, packed once, in a folder that projects restore from. The packages folder is one of
/// this run: neither our packages nor the stand-ins of ONNX Runtime enter the user's cache.
/// </summary>
internal static class PackedPackages
{
    private static readonly string s_configuration =
        typeof(PackedPackages).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    private static readonly TemporaryFolder s_folder = new();

    static PackedPackages()
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => s_folder.Dispose();
        foreach (string project in new[] { "OptimizeTasks", "OptimizeTasks.Runtime", "OptimizeTasks.Manifest" })
        {
            (int exitCode, string output) = DotnetProcess.Run(Repository.Root, "dotnet",
                "pack", $"src/{project}", "--no-build", "-c", s_configuration, "-o", Feed, "--nologo");
            if (exitCode != 0)
                throw new InvalidOperationException(output);
        }

        File.WriteAllText(s_folder["NuGet.config"], $"""
            <configuration>
              <config>
                <add key="globalPackagesFolder" value="{s_folder["packages"]}" />
              </config>
              <fallbackPackageFolders>
                {FallbackFolders()}
              </fallbackPackageFolders>
              <packageSources>
                <add key="packed" value="{Feed}" />
                <add key="onnxruntime" value="{Path.Combine(Repository.Root, "artifacts/feed")}" />
              </packageSources>
            </configuration>
            """);
    }

    /// <summary>The folder with the packages.</summary>
    public static string Feed => s_folder["feed"];

    /// <summary>The folder of the tool, once a project restored the package.</summary>
    public static string Tool => s_folder[$"packages/optimizetasks/{Version}/tools/net8.0"];

    /// <summary>The version of the packages.</summary>
    public static string Version { get; } =
        typeof(PackedPackages).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>A new folder for a project.</summary>
    public static string NewFolder(string name)
    {
        string folder = Path.Combine(s_folder.Path, Path.GetRandomFileName(), name);
        Directory.CreateDirectory(folder);
        return folder;
    }

    /// <summary>What others' packages are read from, so that a run does not fetch and unpack them again.</summary>
    private static string FallbackFolders()
    {
        string[] folders =
        [
            Path.Combine(Repository.Root, "artifacts/packages"),
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget/packages"),
        ];
        return string.Concat(folders.Where(Directory.Exists).Select((folder, i) => $"""<add key="fallback{i}" value="{folder}" />"""));
    }
}
