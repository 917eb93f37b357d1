using System.Globalization;
using OptimizeTasks.Benchmarks.Measuring;
using OptimizeTasks.Compiler;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>
/// What it takes to compile: whole processes, a copy of the file as the limit, ONNX Runtime's own optimiser as the peer.
/// Results are compared with the original before any time counts.
/// </summary>
internal static class CompileTable
{
    /// <summary>From here on a model is compiled and verified once, not once a round.</summary>
    private const long Large = 1L << 30;

    /// <summary>How many times the model ONNX Runtime's optimiser may need in memory.</summary>
    private const int PeerMemory = 4;

    public static void Print(TextWriter output, TableOptions options)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Whole processes, {options.Rounds} rounds in turn. Nodes: as exported → after Simplify alone → of the result. Error: of the worst output on the worst of several drawn inputs, ‖a−b‖ / ‖a‖, against ONNX Runtime running the original unoptimised.\n"));
        output.WriteLine("| model | | minimum, s | median, s | of `cp` | processors, s | peak, MB | nodes | error |");
        output.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (string name in options.Models)
            Print(output, name, options.Rounds);
        output.WriteLine("\nProcessors: the least time of all processors together, which a busy machine changes little. It and the peak are those of the process itself: what a verified run executes, it executes in a worker process, which needs what the model needs. ONNX Runtime's optimiser runs at its extended level, and verifies nothing.");
    }

    private static void Print(TextWriter output, string name, int rounds)
    {
        string model = Workspace.Model(name);
        long length = Workspace.Length(model);
        string ours = Workspace.File(name + ".optimized.onnx"), theirs = Workspace.File(name + ".peer.onnx"), copy = Workspace.File(name + ".copy.onnx");
        bool large = length > Large, peer = Machine.FreeMemory() > PeerMemory * length;

        Optimize(model, ours, "--verify", "false", "--optimization", "Basic");
        int simplified = Nodes(ours);
        Optimize(model, ours, "--no-verify");
        string nodes = string.Create(CultureInfo.InvariantCulture, $"{Nodes(model)} → {simplified} → {Nodes(ours)}");
        string error = Error(model, ours);
        string peerNodes = "", peerError = "";
        if (peer)
        {
            Peer(model, theirs);
            peerNodes = string.Create(CultureInfo.InvariantCulture, $"{Nodes(model)} → {Nodes(theirs)}");
            peerError = Error(model, theirs);
        }

        List<Func<Measurement>> contenders = [() => Copy(model, copy), () => Optimize(model, ours, "--no-verify")];
        if (!large)
            contenders.Add(() => Optimize(model, ours, "--verify", "true"));
        if (peer && !large)
            contenders.Add(() => Peer(model, theirs));
        Measurement[][] runs = Rounds.Run(rounds, contenders);
        if (large)
            runs = [.. runs, [Optimize(model, ours, "--verify", "true")], .. peer ? new Measurement[][] { [Peer(model, theirs)] } : []];

        double limit = runs[0].Minimum();
        Row(string.Create(CultureInfo.InvariantCulture, $"{name}, {length / 1e6:F0} MB"), "`cp`", runs[0], "", "");
        Row("", "`optimize --no-verify`", runs[1], nodes, error);
        Row("", "`optimize`, verified" + (large ? ", once" : ""), runs[2], nodes, error);
        if (peer)
            Row("", "ONNX Runtime offline" + (large ? ", once" : ""), runs[3], peerNodes, peerError);
        else
            output.WriteLine("| | ONNX Runtime offline: more memory than was free | | | | | | | |");
        foreach (string file in new[] { ours, theirs, copy })
            Workspace.Delete(file);

        void Row(string first, string contender, Measurement[] measured, string nodeCounts, string difference) => output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {first} | {contender} | {measured.Minimum():F2} | {measured.Median():F2} | {measured.Minimum() / limit:F1} × | {measured.Min(m => m.ProcessorTime).TotalSeconds:F2} | {measured.Max(m => m.PeakBytes) / 1e6:F0} | {nodeCounts} | {difference} |"));
    }

    private static Measurement Copy(string model, string copy)
    {
        Measurement run = ChildProcess.Run(Workspace.Folder, "cp", model, copy);
        return File.Exists(model + ".data") ? run + ChildProcess.Run(Workspace.Folder, "cp", model + ".data", copy + ".data") : run;
    }

    private static Measurement Optimize(string model, string result, params string[] options) =>
        ChildProcess.Run(Workspace.Folder, "dotnet", [Workspace.Tool, "optimize", model, "-o", result, .. options]);

    private static Measurement Peer(string model, string result) =>
        ChildProcess.Run(Workspace.Folder, "dotnet", typeof(CompileTable).Assembly.Location, "peer", model, result);

    private static int Nodes(string path)
    {
        using Model model = ModelReader.Read(path);
        return model.Graph.NodeCount;
    }

    /// <exception cref="InvalidOperationException">The models compute different things.</exception>
    private static string Error(string original, string result)
    {
        using var runner = new OnnxRuntimeRunner(new WorkerCommand("dotnet", [Workspace.Tool, "worker"]));
        VerificationResult verified = new Verifier(runner).Verify(original, result);
        return verified.Outcome == VerificationOutcome.Passed
            ? verified.Error.ToString("0.0e-0", CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"{result}: {verified.Failure?.Message ?? "nothing could be compared"}");
    }
}
