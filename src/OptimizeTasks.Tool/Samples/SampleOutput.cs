using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OptimizeTasks.Tool.Samples;

/// <summary>The standard output of this process, for samples alone.</summary>
internal static partial class SampleOutput
{
    private const int Output = 1;
    private const int Error = 2;

    /// <summary>Takes it away from native code, which prints to standard error from now on. Windows knows no such thing.</summary>
    public static Stream Take()
    {
        if (OperatingSystem.IsWindows() || Duplicate(Output) is not (>= 0 and var own))
            return Console.OpenStandardOutput();
        _ = Duplicate(Error, Output);
        return new FileStream(new SafeFileHandle(own, ownsHandle: true), FileAccess.Write, bufferSize: 0);
    }

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int Duplicate(int descriptor, int to);
}
