using System.Diagnostics;
using System.Globalization;

namespace OptimizeTasks.Robustness.Hostile;

/// <summary>One run of the real tool.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Errors">The lines of standard error.</param>
/// <param name="Time">The processor time that it took.</param>
/// <param name="PeakMemory">The most memory that it held at once, in bytes; 0 where that cannot be known.</param>
internal sealed record MeasuredTool(int ExitCode, string Output, string[] Errors, TimeSpan Time, long PeakMemory)
{
    /// <summary>A machine under load is slow: what hangs hangs longer.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "OptimizeTasks.Tool.dll");

    public static MeasuredTool Run(params string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        long peak = 0;
        TimeSpan time = default;
        long start = Stopwatch.GetTimestamp();
        while (!process.WaitForExit(2))
        {
            peak = Math.Max(peak, PeakOf(process.Id));
            time = TimeOf(process) ?? time;
            if (Stopwatch.GetElapsedTime(start) < s_patience)
                continue;
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"the tool did not end: {string.Join(' ', arguments)}");
        }

        return new MeasuredTool(process.ExitCode, output.Result, error.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries), time, peak);
    }

    public static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["exec", Assembly, .. arguments])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private static TimeSpan? TimeOf(Process process)
    {
        try
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>The kernel remembers the most that a process ever held.</summary>
    private static long PeakOf(int process)
    {
        try
        {
            string? line = OperatingSystem.IsLinux() ? File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)) : null;
            return line is null ? 0 : 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
