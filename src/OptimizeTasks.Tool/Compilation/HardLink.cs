using System.Runtime.InteropServices;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>Gives a file a second name, which .NET cannot.</summary>
internal static partial class HardLink
{
    /// <summary>Makes <paramref name="path"/> another name of <paramref name="existing"/>, in a folder of the same file system.</summary>
    /// <returns>Whether the file system could.</returns>
    public static bool TryCreate(string path, string existing) =>
        OperatingSystem.IsWindows() ? CreateHardLink(path, existing, 0) : Link(existing, path) == 0;

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateHardLink(string path, string existing, nint security);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string path);
}
