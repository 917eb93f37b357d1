using System.Diagnostics;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Samples.Tests;

/// <summary>A sample as it was built beside these tests.</summary>
internal static class SampleProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The lines that the sample prints.</summary>
    public static string[] Run(string name, params string[] arguments)
    {
        (int code, string output, string errors) = RunToEnd(name, arguments);
        Assert.True(code == 0, $"{name} ended with {code}: {errors}");
        return output.TrimEnd('\n').Split('\n');
    }

    /// <summary>What the sample prints as an error, when it refuses what it was given.</summary>
    public static string Refuse(string name, params string[] arguments)
    {
        (int code, string output, string errors) = RunToEnd(name, arguments);
        Assert.Equal(1, code);
        Assert.Empty(output);
        return errors.TrimEnd('\n');
    }

    private static (int Code, string Output, string Errors) RunToEnd(string name, string[] arguments)
    {
        // The end of our own path is configuration and framework: bin/Debug/net10.0.
        string[] folders = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar)[^3..];
        string program = Path.Combine([Repository.Root, "samples", name, .. folders, name + ".dll"]);
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{name} did not end within {Patience}.");
        }

        return (process.ExitCode, output.Result.ReplaceLineEndings("\n"), errors.Result.ReplaceLineEndings("\n"));
    }
}
