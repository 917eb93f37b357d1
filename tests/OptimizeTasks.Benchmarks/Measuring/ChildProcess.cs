using System.Diagnostics;
using System.Globalization;

namespace OptimizeTasks.Benchmarks.Measuring;

/// <summary>Runs a program to its end and measures it from outside.</summary>
internal static class ChildProcess
{
    /// <summary>How often the peak is read while the process lives; Linux forgets it when the process ends.</summary>
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(5);

    /// <summary>Wall time and the greatest resident set of the process itself.</summary>
    /// <exception cref="InvalidOperationException">The program failed; the message is what it printed.</exception>
    public static Measurement Run(string folder, string program, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(n => n.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)))
            start.Environment.Remove(name);
        var watch = Stopwatch.StartNew();
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        long peak = 0;
        while (!process.WaitForExit(s_interval))
            peak = Math.Max(peak, Peak(process.Id));
        TimeSpan time = watch.Elapsed;
        return process.ExitCode == 0
            ? new Measurement(time, peak)
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}\n{output.Result}{errors.Result}");
    }

    /// <summary>The greatest resident set so far, in bytes, as the kernel counts it.</summary>
    private static long Peak(int id)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{id}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.AsSpan(6).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            // The process ended between the two lines above, or this is no Linux.
            return 0;
        }
    }
}
