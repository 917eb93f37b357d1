using System.Diagnostics;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Tool.Tests;

/// <summary>The real executable, as a user or a build starts it.</summary>
internal static class ToolProcess
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>The tool's assembly, built with these tests.</summary>
    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "OptimizeTasks.Tool.dll");

    /// <summary>Runs the tool to its end.</summary>
    public static ToolRun Run(params string[] arguments)
    {
        using Process process = Start(arguments);
        return Wait(process);
    }

    /// <summary>Starts the tool.</summary>
    public static Process Start(params string[] arguments) => Start([], arguments);

    /// <summary>Starts the tool with these variables in its environment.</summary>
    public static Process Start(IEnumerable<(string Name, string Value)> variables, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = Repository.Root,
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(Assembly);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        // No test fills the cache of whoever runs it.
        start.Environment["OptimizeTasksCache"] = "false";
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Waits for the end.</summary>
    public static ToolRun Wait(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Close();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException("the tool did not end");
        }

        return new ToolRun(process.ExitCode, output.Result, error.Result);
    }
}

/// <summary>What a run of the tool said.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    /// <summary>The lines of standard error.</summary>
    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The lines of standard output.</summary>
    public string[] OutputLines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
