using System;
using System.IO;

namespace OptimizeTasks.Processes;

/// <summary>The <c>dotnet</c> that runs the tool.</summary>
internal static class DotnetHost
{
    private static readonly string s_name = Path.DirectorySeparatorChar == '\\' ? "dotnet.exe" : "dotnet";

    /// <summary>The one that runs the build, else the one that the user chose, else the first in the path; null where there is none.</summary>
    public static string? Find(Func<string, string?> variable)
    {
        if (variable("DOTNET_HOST_PATH") is { Length: > 0 } host && File.Exists(host))
            return host;
        if (variable("DOTNET_ROOT") is { Length: > 0 } root && File.Exists(Path.Combine(root, s_name)))
            return Path.Combine(root, s_name);
        foreach (string folder in (variable("PATH") ?? "").Split([Path.PathSeparator], StringSplitOptions.RemoveEmptyEntries))
        {
            string candidate = Path.Combine(folder.Trim('"'), s_name);
            if (File.Exists(candidate))
                return Path.GetFullPath(candidate);
        }

        return null;
    }
}
