using System.Diagnostics;
using System.Globalization;

namespace OptimizeTasks.Robustness.Fuzzing;

/// <summary>Treats a range of seeds in processes of their own, and survives what ends or hangs them.</summary>
internal sealed class FuzzLane
{
    /// <summary>Managed memory of the process: 200 MB beside the models, which are small.</summary>
    private const string HeapLimit = "0xC800000";

    /// <summary>When a process that says nothing counts as hanging: a machine under load is slow, so not after 5 s.</summary>
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly List<(int Seed, string Finding)> _findings = [];
    private readonly SortedDictionary<string, int> _refusals = new(StringComparer.Ordinal);
    private int _compiled;

    public IReadOnlyList<(int Seed, string Finding)> Findings => _findings;

    public int Compiled => _compiled;

    public int Refused => _refusals.Values.Sum();

    /// <summary>Treats the seeds, half of them in each of two processes.</summary>
    public static FuzzLane Run(int first, int count)
    {
        var lane = new FuzzLane();
        int half = count / 2;
        Parallel.Invoke(() => lane.Treat(first, half), () => lane.Treat(first + half, count - half));
        return lane;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{_compiled} compiled, {Refused} refused ({string.Join(", ", _refusals.Select(r => $"{r.Key} {r.Value}"))}), {_findings.Count} findings");

    private void Treat(int first, int count)
    {
        int end = first + count;
        while (first < end)
            first = TreatUntilEnd(first, end - first) + 1;
    }

    /// <returns>The last seed that was treated.</returns>
    private int TreatUntilEnd(int first, int count)
    {
        using Process process = Start(first, count);
        int seed = first - 1;
        bool answered = true;
        while (true)
        {
            Task<string?> line = process.StandardOutput.ReadLineAsync();
            if (!line.Wait(s_silence))
            {
                process.Kill(entireProcessTree: true);
                Find(seed, "Hang: no answer");
                return seed;
            }

            if (line.Result is not { } text)
                break;
            string[] words = text.Split(' ', 2);
            answered = words[0] != "case";
            if (!answered)
                seed = int.Parse(words[1], CultureInfo.InvariantCulture);
            else
                Count(seed, words);
        }

        process.WaitForExit();
        if (!answered)
            Find(seed, string.Create(CultureInfo.InvariantCulture, $"Crash: exit code {process.ExitCode}"));
        else if (seed < first + count - 1)
            throw new InvalidOperationException($"the process ended after seed {seed} with exit code {process.ExitCode}");
        return seed;
    }

    private void Count(int seed, string[] words)
    {
        lock (_lock)
        {
            if (words[0] == "compiled")
                _compiled++;
            else if (words[0] == "refused")
                _refusals[words[1]] = _refusals.GetValueOrDefault(words[1]) + 1;
            else
                _findings.Add((seed, words[1]));
        }
    }

    private void Find(int seed, string finding)
    {
        lock (_lock)
            _findings.Add((seed, finding));
    }

    private static Process Start(int first, int count)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            Environment = { ["DOTNET_GCHeapHardLimit"] = HeapLimit, ["DOTNET_gcServer"] = "0", ["DOTNET_DbgEnableMiniDump"] = "0" },
        };
        foreach (string argument in (string[])["exec", typeof(FuzzLane).Assembly.Location, "fuzz", first.ToString(CultureInfo.InvariantCulture), count.ToString(CultureInfo.InvariantCulture)])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
