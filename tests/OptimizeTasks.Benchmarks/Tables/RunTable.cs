using System.Collections.Immutable;
using System.Globalization;
using OptimizeTasks.Benchmarks.Measuring;
using OptimizeTasks.Execution;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>
/// How fast float models run: the original as ONNX Runtime runs it by itself, what its own optimiser made of it offline
/// (the fusions that the Python tools for transformers make too), what a simplifier makes of it, and what we make of it.
/// </summary>
internal static class RunTable
{
    private const int RunsPerRound = 10;
    private const int RunsOfLarge = 2;

    /// <summary>From here on a model is loaded once in a round of fewer runs, and the peers that need several times its memory are left out.</summary>
    private const long Large = 1L << 30;

    /// <summary>The models and the sizes of their symbols: a prompt, a step with a past, or a picture.</summary>
    private static readonly ImmutableArray<(string Model, string Label, ImmutableSortedDictionary<string, long> Sizes)> s_workloads =
    [
        ("bert-base", "128 tokens", ImmutableSortedDictionary<string, long>.Empty),
        ("minilm-l6", "128 tokens", ImmutableSortedDictionary<string, long>.Empty),
        ("vit-b16", "one picture", ImmutableSortedDictionary<string, long>.Empty),
        ("swin-t", "one picture", ImmutableSortedDictionary<string, long>.Empty),
        ("convnext-t", "one picture", ImmutableSortedDictionary<string, long>.Empty),
        ("resnet50", "one picture", ImmutableSortedDictionary<string, long>.Empty),
        ("mobilenet-v2", "one picture", ImmutableSortedDictionary<string, long>.Empty),
        ("gpt2-without-past", "64 tokens", Sizes(("sequence_length", 64))),
        ("gpt2", "one token behind 64", Sizes(("sequence_length", 1), ("past_sequence_length", 64))),
        ("llama-1b", "one token behind 64", Sizes(("sequence_length", 1), ("past_sequence_length", 64), ("total_sequence_length", 65))),
    ];

    public static void Print(TextWriter output, int rounds)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"One session in a process of its own, {rounds} rounds in turn of {RunsPerRound} runs behind a first one ({RunsOfLarge} of models from 1 GiB on), float32, a thread per core; the minimum. Error: of the worst output, ‖a−b‖ / ‖a‖, against the first row.\n"));
        output.WriteLine("| model | | nodes | run, ms | median, ms | speed | error |");
        output.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        foreach ((string model, string label, ImmutableSortedDictionary<string, long> sizes) in s_workloads)
            Print(output, model, label, sizes, rounds);
    }

    private static void Print(TextWriter output, string name, string label, ImmutableSortedDictionary<string, long> sizes, int rounds)
    {
        string model = Workspace.Model(name);
        bool large = Workspace.Length(model) > Large;
        string ours = Workspace.File("run.ours.onnx"), simplified = Workspace.File("run.simplified.onnx"), theirs = Workspace.File("run.peer.onnx");
        Optimize(model, ours);
        List<Contender> contenders = [new("ONNX Runtime", model, LoadOptimization.All)];
        if (!large)
        {
            Peer.Optimize(model, theirs);
            contenders.Add(new("ONNX Runtime, optimised offline", theirs, LoadOptimization.All));
            Optimize(model, simplified, "--optimization", "Basic");
            contenders.Add(new("simplified alone", simplified, LoadOptimization.All));
        }

        contenders.Add(Contender.Compiled("ours", ours));
        List<ModelMeasurement>[] runs = ModelRounds.Run(model, sizes, contenders, large ? 1 : rounds, large ? RunsOfLarge : RunsPerRound);
        double first = runs[0].Minimum();
        for (int i = 0; i < contenders.Count; i++)
        {
            double minimum = runs[i].Minimum();
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {(i == 0 ? $"{name}, {label}" : "")} | {contenders[i].Label} | {Nodes(contenders[i].Path)} | {minimum:F1} | {Rounds.Median(runs[i].SelectMany(m => m.RunMilliseconds)):F1} | {first / minimum:F2} × | {(i == 0 ? "" : ModelRounds.Error(runs[0], runs[i]).ToString("0.0e-0", CultureInfo.InvariantCulture))} |"));
        }

        foreach (string file in new[] { ours, simplified, theirs })
            Workspace.Delete(file);
    }

    private static int Nodes(string path)
    {
        using Model model = ModelReader.Read(path);
        return model.Graph.NodeCount;
    }

    private static void Optimize(string model, string result, params string[] options) =>
        ChildProcess.Run(Workspace.Folder, "dotnet", [Workspace.Tool, "optimize", model, "-o", result, "--no-verify", .. options]);

    private static ImmutableSortedDictionary<string, long> Sizes(params (string Name, long Size)[] sizes) => sizes.ToImmutableSortedDictionary(s => s.Name, s => s.Size);
}
