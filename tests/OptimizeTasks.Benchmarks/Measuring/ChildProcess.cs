using System.Diagnostics;
using System.Globalization;

namespace OptimizeTasks.Benchmarks.Measuring;

/// <summary>Runs a program to its end and measures it from outside.</summary>
internal static class ChildProcess
{
    /// <summary>How often Linux is asked while the process lives; it forgets what a process took when it ends.</summary>
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(5);

    /// <summary>Clock ticks of the kernel's accounts in a second.</summary>
    private const double Ticks = 100;

    /// <summary>Wall time, and what the process itself took.</summary>
    /// <exception cref="InvalidOperationException">The program failed; the message is what it printed.</exception>
    public static Measurement Run(string folder, string program, params IReadOnlyList<string> arguments) => Run(folder, program, arguments, Peak);

    /// <summary>The same, but the memory is that of the process and of those that it started together.</summary>
    /// <exception cref="InvalidOperationException">The program failed; the message is what it printed.</exception>
    public static Measurement RunWithChildren(string folder, string program, params IReadOnlyList<string> arguments) =>
        Run(folder, program, arguments, id => Peak(id) + Children(id).Sum(Peak));

    private static Measurement Run(string folder, string program, IReadOnlyList<string> arguments, Func<int, long> memory)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(n => n.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)))
            start.Environment.Remove(name);
        var watch = Stopwatch.StartNew();
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        var (peak, processors) = (0L, TimeSpan.Zero);
        while (!process.WaitForExit(s_interval))
        {
            peak = Math.Max(peak, memory(process.Id));
            processors = TimeSpan.FromTicks(Math.Max(processors.Ticks, ProcessorTime(process.Id).Ticks));
        }

        TimeSpan time = watch.Elapsed;
        return process.ExitCode == 0
            ? new Measurement(time, peak, processors)
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}\n{output.Result}{errors.Result}");
    }

    /// <summary>The greatest resident set so far, in bytes, as the kernel counts it.</summary>
    private static long Peak(int id)
    {
        string? line = Read(id, "status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.AsSpan(6).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>The processes that one started, as far as its threads still know them.</summary>
    private static IEnumerable<int> Children(int id)
    {
        string tasks = $"/proc/{id}/task";
        string[] threads = Directory.Exists(tasks) ? Threads() : [];
        return threads.SelectMany(thread => string.Concat(Read(id, $"task/{Path.GetFileName(thread)}/children")).Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(child => int.Parse(child, CultureInfo.InvariantCulture));

        string[] Threads()
        {
            try
            {
                return Directory.GetDirectories(tasks);
            }
            catch (IOException)
            {
                return [];
            }
        }
    }

    /// <summary>What the process had of the processors so far, in user and in kernel mode.</summary>
    private static TimeSpan ProcessorTime(int id)
    {
        // The name stands in parentheses and may have anything in it; behind it come the fields from the third on.
        string line = string.Concat(Read(id, "stat"));
        string[] fields = line[(line.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length < 13 ? TimeSpan.Zero : TimeSpan.FromSeconds((long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / Ticks);
    }

    private static string[] Read(int id, string file)
    {
        try
        {
            return File.ReadAllLines($"/proc/{id}/{file}");
        }
        catch (IOException)
        {
            // The process ended between the two lines above, or this is no Linux.
            return [];
        }
    }
}
