using System.Diagnostics;
using System.Text;

namespace OptimizeTasks.EndToEnd.Projects;

/// <summary>Starts <c>dotnet</c>, and what it built, as a user would: without the variables of the test run.</summary>
internal static class DotnetProcess
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(8);

    /// <summary>Runs a program to its end.</summary>
    public static (int ExitCode, string Output) Run(string folder, string program, params IEnumerable<string> arguments)
    {
        var output = new StringBuilder();
        using Process process = Start(folder, program, arguments, output);
        if (!process.WaitForExit(s_limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} did not end:\n{output}");
        }

        // The output is complete only after the wait without a limit.
        process.WaitForExit();
        lock (output)
            return (process.ExitCode, output.ToString());
    }

    /// <summary>Starts a program whose lines are collected.</summary>
    public static Process Start(string folder, string program, IEnumerable<string> arguments, StringBuilder output)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(IsOfTheTestRun))
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        // What one test compiled is no result of another.
        start.Environment["OptimizeTasksCache"] = "false";
        // A net8.0 app runs on the newest runtime where there is no other.
        start.Environment["DOTNET_ROLL_FORWARD"] = "Major";
        Process process = Process.Start(start)!;
        DataReceivedEventHandler collect = (_, line) =>
        {
            // The end of the stream is no line.
            if (line.Data is null)
                return;
            lock (output)
                output.AppendLine(line.Data);
        };
        process.OutputDataReceived += collect;
        process.ErrorDataReceived += collect;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static bool IsOfTheTestRun(string name) =>
        name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("VSTEST", StringComparison.OrdinalIgnoreCase)
        || name is "DOTNET_HOST_PATH" or "DOTNET_ROOT" or "TargetFramework" or "Configuration";
}
