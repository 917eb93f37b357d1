using System.Collections.Immutable;
using System.Globalization;
using OptimizeTasks.Benchmarks.Measuring;
using OptimizeTasks.Compiler;
using OptimizeTasks.Execution;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>What quantising takes, and what it gives: whole processes to compile, then original and results run in turn.</summary>
internal static class QuantizationTable
{
    /// <summary>From here on the peer is left out: it holds all weights in memory.</summary>
    private const long Large = 1L << 30;

    private const int RunsPerRound = 10;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);
    private static readonly WorkerCommand s_worker = new("dotnet", [Workspace.Tool, "worker"]);

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
        List<(string Path, LoadOptimization Level)> contenders = [(model, LoadOptimization.All), .. results.Select(path => (path, CompiledModel.ReadFile(CompiledModel.PathBeside(path)).Variants[0].LoadOptimization))];
        if (Workspace.Length(model) < Large)
        {
            // The peer's own fusions find less than ours: it gets ours.
            PeerQuantization.Quantize(results[0], peer);
            contenders.Add((peer, LoadOptimization.All));
        }

        List<ModelMeasurement>[] runs = Run(model, contenders, Sizes(sizes), rounds);
        double original = Minimum(runs[0]);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name}, {label} | original | | | | {Workspace.Length(model) / 1e6:F0} | {original:F1} | | |"));
        for (int i = 0; i < s_formats.Length; i++)
        {
            double run = Minimum(runs[i + 1]);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| | `{s_formats[i]}` | {compiled[i].Minimum():F2} | {compiled[i].Min(m => m.ProcessorTime).TotalSeconds:F2} | {compiled[i].Max(m => m.PeakBytes) / 1e6:F0} | {Workspace.Length(results[i]) / 1e6:F0} | {run:F1} | {original / run:F2} × as fast | {Error(runs[0][0], runs[i + 1][0]):0.0e-0} |"));
            Workspace.Delete(results[i]);
        }

        if (runs.Length > s_formats.Length + 1)
        {
            double run = Minimum(runs[^1]);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| | `quantize_dynamic` | | | | {Workspace.Length(peer) / 1e6:F0} | {run:F1} | {original / run:F2} × as fast | {Error(runs[0][0], runs[^1][0]):0.0e-0} |"));
            Workspace.Delete(peer);
        }
    }

    private static Measurement Compile(string model, string result, string format) =>
        ChildProcess.Run(Workspace.Folder, "dotnet", Workspace.Tool, "optimize", model, "-o", result, "--no-verify", "--quantization", format);

    private static List<ModelMeasurement>[] Run(string original, List<(string Path, LoadOptimization Level)> contenders, ImmutableSortedDictionary<string, long> sizes, int rounds)
    {
        TypicalInputs inputs;
        using (var runner = new OnnxRuntimeRunner(s_worker))
            inputs = TypicalInputs.Draw(original, sizes, runner, CancellationToken.None);
        string[] outputs;
        using (Model model = ModelReader.Read(original))
            outputs = [.. model.Graph.Outputs.Select(output => output.Name)];
        var meter = new ModelMeter(s_worker);
        List<ModelMeasurement>[] runs = [.. contenders.Select(_ => new List<ModelMeasurement>())];
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < contenders.Count; i++)
            {
                ModelMeasurement measured = meter.Measure(contenders[i].Path, new SessionSettings { Optimization = contenders[i].Level }, inputs.Values, outputs, RunsPerRound, s_limit, CancellationToken.None);
                runs[i].Add(round == 0 ? measured : measured with { Outputs = new Dictionary<string, Tensor>() });
            }
        }

        return runs;
    }

    private static double Error(ModelMeasurement original, ModelMeasurement result) => original.Outputs.Max(output => Error(output.Value, result.Outputs[output.Key]));

    private static double Error(Tensor expected, Tensor actual)
    {
        ReadOnlySpan<float> a = expected.Read<float>(), b = actual.Read<float>();
        double difference = 0, norm = 0;
        for (int i = 0; i < a.Length; i++)
        {
            difference += (a[i] - (double)b[i]) * (a[i] - b[i]);
            norm += (double)a[i] * a[i];
        }

        return Math.Sqrt(difference / norm);
    }

    private static ImmutableSortedDictionary<string, long> Sizes(string sizes) => sizes.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(size => size.Split('='))
        .ToImmutableSortedDictionary(size => size[0], size => long.Parse(size[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);

    private static double Minimum(List<ModelMeasurement> runs) => runs.Min(m => m.RunMilliseconds.Min());
}
