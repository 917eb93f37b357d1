using System.Collections.Immutable;
using System.Globalization;
using OptimizeTasks.Benchmarks.Measuring;
using OptimizeTasks.Execution;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>What quantising takes, and what it gives: whole processes to compile, then original and results run in turn.</summary>
internal static class QuantizationTable
{
    /// <summary>From here on the peer is left out: it holds all weights in memory.</summary>
    private const long Large = 1L << 30;

    private const int RunsPerRound = 10;

    /// <summary>The models that docs/benchmarks.md shows, with the sizes at which each is run.</summary>
    private static readonly ImmutableArray<(string Model, string Label, string Sizes)> s_workloads =
    [
        ("minilm-l6", "128 tokens", ""),
        ("bert-base", "128 tokens", ""),
        ("llama-1b", "1 token", "batch_size=1;sequence_length=1;past_sequence_length=64;total_sequence_length=65"),
    ];

    private static readonly ImmutableArray<string> s_formats = ["None", "Dynamic", "Int8", "Int4"];

    public static void Print(TextWriter output, TableOptions options)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Compiling: whole processes without verification, {options.Rounds} rounds in turn. Running: {options.Rounds} rounds in turn of {RunsPerRound} runs in a process of its own, a thread per core. Error: of the worst output, ‖a−b‖ / ‖a‖, on the inputs that are timed. Ratios are of the minima. `quantize_dynamic`: what onnxruntime.quantization makes of a model with its defaults (signed 8 bits, one scale for a tensor), reproduced; it gets the graph that `None` gives.\n"));
        output.WriteLine("| model | format | compiled in, s | processors, s | peak, MB | size, MB | run, ms | of the original | error |");
        output.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach ((string name, string label, string sizes) in s_workloads.Where(w => options.Models == TableOptions.Usual || options.Models.Contains(w.Model)))
            Print(output, name, label, sizes, options.Rounds);
    }

    private static void Print(TextWriter output, string name, string label, string sizes, int rounds)
    {
        string model = Workspace.Model(name);
        string[] results = [.. s_formats.Select(format => Workspace.File($"{name}.{format}.onnx"))];
        Measurement[][] compiled = Rounds.Run(rounds, [.. s_formats.Select((format, i) => (Func<Measurement>)(() => Compile(model, results[i], format)))]);
        string peer = Workspace.File(name + ".peer.onnx");
        List<Contender> contenders = [new("original", model, LoadOptimization.All), .. results.Select((path, i) => Contender.Compiled(s_formats[i], path))];
        if (Workspace.Length(model) < Large)
        {
            // The peer's own fusions find less than ours: it gets ours.
            PeerQuantization.Quantize(results[0], peer);
            contenders.Add(new("quantize_dynamic", peer, LoadOptimization.All));
        }

        List<ModelMeasurement>[] runs = ModelRounds.Run(model, Sizes(sizes), contenders, rounds, RunsPerRound);
        double original = runs[0].Minimum();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name}, {label} | original | | | | {Workspace.Length(model) / 1e6:F0} | {original:F1} | | |"));
        for (int i = 0; i < s_formats.Length; i++)
        {
            double run = runs[i + 1].Minimum();
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| | `{s_formats[i]}` | {compiled[i].Minimum():F2} | {compiled[i].Min(m => m.ProcessorTime).TotalSeconds:F2} | {compiled[i].Max(m => m.PeakBytes) / 1e6:F0} | {Workspace.Length(results[i]) / 1e6:F0} | {run:F1} | {original / run:F2} × as fast | {ModelRounds.Error(runs[0], runs[i + 1]):0.0e-0} |"));
            Workspace.Delete(results[i]);
        }

        if (runs.Length > s_formats.Length + 1)
        {
            double run = runs[^1].Minimum();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| | `quantize_dynamic` | | | | {Workspace.Length(peer) / 1e6:F0} | {run:F1} | {original / run:F2} × as fast | {ModelRounds.Error(runs[0], runs[^1]):0.0e-0} |"));
            Workspace.Delete(peer);
        }
    }

    private static Measurement Compile(string model, string result, string format) =>
        ChildProcess.Run(Workspace.Folder, "dotnet", Workspace.Tool, "optimize", model, "-o", result, "--no-verify", "--quantization", format);

    private static ImmutableSortedDictionary<string, long> Sizes(string sizes) => sizes.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(size => size.Split('='))
        .ToImmutableSortedDictionary(size => size[0], size => long.Parse(size[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);
}
