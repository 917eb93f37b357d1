using System.Diagnostics;

namespace OptimizeTasks.Tool.Tests;

/// <summary>A small file system in memory, in a folder: a disk that is soon full.</summary>
internal sealed class Tmpfs : IDisposable
{
    private readonly string _folder;

    public Tmpfs(string folder, string size, bool readOnly)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
        if (Run("mount", "-t", "tmpfs", "-o", $"size={size}{(readOnly ? ",ro" : "")}", "tmpfs", folder) != 0)
            throw new InvalidOperationException("No file system can be mounted here");
    }

    /// <summary>Whether this user may mount file systems.</summary>
    public static bool IsAvailable { get; } = OperatingSystem.IsLinux() && TryMount();

    public void Dispose() => Run("umount", _folder);

    private static bool TryMount()
    {
        string folder = Directory.CreateTempSubdirectory("OptimizeTasks-").FullName;
        try
        {
            using var tmpfs = new Tmpfs(folder, "4k", readOnly: false);
            return true;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
        finally
        {
            Directory.Delete(folder);
        }
    }

    private static int Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }
}

/// <summary>A test that mounts a <see cref="Tmpfs"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TmpfsFactAttribute : FactAttribute
{
    /// <summary>Skips the test, with the reason, where nothing can be mounted.</summary>
    public TmpfsFactAttribute()
    {
        if (!Tmpfs.IsAvailable)
            Skip = "mounting a file system is not allowed here";
    }
}
