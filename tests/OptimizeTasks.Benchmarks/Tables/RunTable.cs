using System.Globalization;
using OptimizeTasks.Benchmarks.Measuring;
using OptimizeTasks.Execution;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>
/// How fast float models run: the original as ONNX Runtime runs it by itself, what its own optimiser made of it offline,
/// what a simplifier and the Python tools for transformers make of it, and what we make of it.
/// </summary>
internal static class RunTable
{
    private const int RunsPerRound = 10;
    private const int RunsOfLarge = 2;

    /// <summary>From here on a model is loaded once in a round of fewer runs, and the peers that need several times its memory are left out.</summary>
    private const long Large = 1L << 30;

    public static void Print(TextWriter output, TableOptions options)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"One session in a process of its own, {options.Rounds} rounds in turn of {RunsPerRound} runs behind a first one ({RunsOfLarge} of models from 1 GiB on), float32, a thread per core; the minimum. Speed: times as fast as the first row. Ours: how many times as fast as this row ours is. Error: of the worst output, ‖a−b‖ / ‖a‖, against the first row. The recipes of onnxruntime.transformers (its fusions, operator by operator) and OnnxSlim (constants folded, shape arithmetic and needless transposes and slices gone, standard operators alone: what our own Simplify leaves) are reproduced. Limit: the products of the model in single precision at the rate of ONNX Runtime's own MatMul of 1024³ here, or their weights once from memory at the rate of its product of one row, whichever takes longer; nothing that keeps the products and single precision is faster.\n"));
        output.WriteLine("| model | | nodes | run, ms | median, ms | speed | ours | error |");
        output.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (Workload workload in Workload.Chosen(options))
            Print(output, workload, options.Rounds);
    }

    private static void Print(TextWriter output, Workload workload, int rounds)
    {
        string model = Workspace.Model(workload.Model);
        bool large = Workspace.Length(model) > Large;
        string ours = Workspace.File("run.ours.onnx"), simplified = Workspace.File("run.simplified.onnx"), theirs = Workspace.File("run.peer.onnx"), fused = Workspace.File("run.fused.onnx");
        Optimize(model, ours);
        List<Contender> contenders = [new("ONNX Runtime", model, LoadOptimization.All)];
        if (!large)
        {
            Peer.Optimize(model, theirs);
            contenders.Add(new("ONNX Runtime, optimised offline", theirs, LoadOptimization.All));
            Optimize(model, simplified, "--optimization", "Basic");
            contenders.Add(new("simplified as OnnxSlim does", simplified, LoadOptimization.All));
            if (workload.Fuse is { } fuse)
            {
                fuse(model, fused);
                contenders.Add(new("fused as onnxruntime.transformers does", fused, LoadOptimization.All));
            }
        }

        contenders.Add(Contender.Compiled("ours", ours));
        List<ModelMeasurement>[] runs = ModelRounds.Run(model, workload.Sizes, contenders, large ? 1 : rounds, large ? RunsOfLarge : RunsPerRound);
        double first = runs[0].Minimum(), last = runs[^1].Minimum();
        for (int i = 0; i < contenders.Count; i++)
        {
            double minimum = runs[i].Minimum();
            string ratio = i == contenders.Count - 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"{minimum / last:F2} ×");
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {(i == 0 ? workload : "")} | {contenders[i].Label} | {Nodes(contenders[i].Path)} | {minimum:F1} | {Rounds.Median(runs[i].SelectMany(m => m.RunMilliseconds)):F1} | {first / minimum:F2} × | {ratio} | {(i == 0 ? "" : ModelRounds.Error(runs[0], runs[i]).ToString("0.0e-0", CultureInfo.InvariantCulture))} |"));
        }

        if (!large)
        {
            var limit = Limit.Of(simplified, ModelRounds.Inputs(model, workload.Sizes).Values, ProductKernel.Single);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| | limit: {limit.Operations / 1e9:F1} GFLOP, {limit.Bytes / 1e6:F0} MB | | {limit.Milliseconds:F1} | | {first / limit.Milliseconds:F2} × | {limit.Milliseconds / last:F2} × | |"));
        }

        foreach (string file in new[] { ours, simplified, theirs, fused })
            Workspace.Delete(file);
    }

    private static int Nodes(string path)
    {
        using Model model = ModelReader.Read(path);
        return model.Graph.NodeCount;
    }

    private static void Optimize(string model, string result, params string[] options) =>
        ChildProcess.Run(Workspace.Folder, "dotnet", [Workspace.Tool, "optimize", model, "-o", result, "--no-verify", .. options]);
}
