using System.Collections.Immutable;
using System.Globalization;
using OptimizeTasks.Benchmarks.Measuring;
using OptimizeTasks.Execution;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>What quantising takes, and what it gives: whole processes to compile, then the original, our results and the peers' run in turn.</summary>
internal static class QuantizationTable
{
    private const int RunsPerRound = 10;
    private const int RunsOfLarge = 3;

    /// <summary>From here on a model is loaded once, for fewer runs.</summary>
    private const long Large = 1L << 30;

    /// <summary>The formats of each model; models that have none here have no kernels for any.</summary>
    private static readonly Dictionary<string, ImmutableArray<string>> s_formats = new(StringComparer.Ordinal)
    {
        ["bert-base"] = ["Dynamic", "Int8", "Int4"],
        ["minilm-l6"] = ["Dynamic", "Int8", "Int4"],
        ["vit-b16"] = ["Dynamic"],
        ["gpt2-without-past"] = ["Dynamic", "Int8", "Int4"],
        ["gpt2"] = ["Dynamic", "Int8", "Int4"],
        ["llama-1b"] = ["Dynamic", "Int4"],
        ["resnet50"] = ["Static"],
        ["mobilenet-v2"] = ["Static"],
    };

    public static void Print(TextWriter output, TableOptions options)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Compiling: whole processes without verification, {options.Rounds} rounds in turn. Running: {options.Rounds} rounds in turn of {RunsPerRound} runs ({RunsOfLarge} of models from 1 GiB on) in a process of its own, a thread per core; the minimum. Speed: times as fast as the original in ONNX Runtime. Error: of the worst output, ‖a−b‖ / ‖a‖, on the inputs that are timed.\n"));
        output.WriteLine("The peers' recipes are reproduced. `quantize_dynamic`: fused as onnxruntime.transformers does, then what onnxruntime.quantization makes of it with its defaults (signed 8 bits, one scale for a tensor; Attention becomes QAttention); llama-1b, which the former does not know, simplified. `MatMulNBits`: its quantiser of products to 4 bits in blocks of 32, symmetric, accuracy level 4, on the simplified model. `quantize_static`, of convolutional networks: QuantizeLinear and DequantizeLinear around every node of the simplified model, unsigned activations, one scale for the weights of a tensor; both are calibrated on the same 16 drawn samples, by their ends. Ours: how many times as fast as this row ours in the same number of bits is. Limit: the products of the model at the rate of ONNX Runtime's own kernel for them (DynamicQuantizeMatMul, MatMulNBits) of 1024³ here, or their weights once from memory at the rate of its product of one row, whichever takes longer: who has these kernels is not faster.\n");
        output.WriteLine("| model | | compiled in, s | processors, s | peak, MB | size, MB | run, ms | speed | ours | error |");
        output.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (Workload workload in Workload.Chosen(options).Where(w => s_formats.ContainsKey(w.Model)))
            Print(output, workload, s_formats[workload.Model], options.Rounds);
    }

    private static void Print(TextWriter output, Workload workload, ImmutableArray<string> formats, int rounds)
    {
        string model = Workspace.Model(workload.Model);
        bool large = Workspace.Length(model) > Large;
        string[] results = [.. formats.Select(format => Workspace.File($"quantize.{format}.onnx"))];
        Measurement[][] compiled = Rounds.Run(large ? 1 : rounds, [.. formats.Select((format, i) => (Func<Measurement>)(() => Compile(model, results[i], format)))]);
        List<(Contender Contender, string Rival)> peers = [formats.Contains("Static") ? (PeerStatic(model), "Static") : (PeerDynamic(workload, model), "Dynamic")];
        if (formats.Contains("Int4"))
            peers.Add((PeerBlocks(model), "Int4"));
        Contender[] contenders = [new("original", model, LoadOptimization.All), .. results.Select((path, i) => Contender.Compiled($"`{formats[i]}`", path)), .. peers.Select(peer => peer.Contender)];

        List<ModelMeasurement>[] runs = ModelRounds.Run(model, workload.Sizes, contenders, large ? 1 : rounds, large ? RunsOfLarge : RunsPerRound);
        double original = runs[0].Minimum();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {workload} | original | | | | {Workspace.Length(model) / 1e6:F0} | {original:F1} | | | |"));
        for (int i = 1; i < contenders.Length; i++)
        {
            double run = runs[i].Minimum();
            string process = "| | | |", ours = "";
            if (i <= formats.Length)
                process = Process(compiled[i - 1]);
            else
                ours = string.Create(CultureInfo.InvariantCulture, $"{run / runs[formats.IndexOf(peers[i - 1 - formats.Length].Rival) + 1].Minimum():F2} ×");
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| | {contenders[i].Label} {process} {Workspace.Length(contenders[i].Path) / 1e6:F0} | {run:F1} | {original / run:F2} × | {ours} | {ModelRounds.Error(runs[0], runs[i]):0.0e-0} |"));
        }

        if (!formats.Contains("Static"))
            PrintLimits(output, workload, model, formats, original, [.. runs.Skip(1).Select(r => r.Minimum())]);
        foreach (Contender contender in contenders.Skip(1))
            Workspace.Delete(contender.Path);
    }

    /// <summary>What the products alone take in the formats that have a peer.</summary>
    private static void PrintLimits(TextWriter output, Workload workload, string model, ImmutableArray<string> formats, double original, double[] runs)
    {
        string simplified = Workspace.File("quantize.simplified.onnx");
        Optimize(model, simplified, "--optimization", "Basic");
        IReadOnlyDictionary<string, Tensor> inputs = ModelRounds.Inputs(model, workload.Sizes).Values;
        foreach ((string format, ProductKernel kernel) in new[] { ("Dynamic", ProductKernel.Dynamic), ("Int4", ProductKernel.Int4) }.Where(limit => formats.Contains(limit.Item1)))
        {
            var limit = Limit.Of(simplified, inputs, kernel);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| | limit of `{format}` | | | | {limit.Bytes / 1e6:F0} | {limit.Milliseconds:F1} | {original / limit.Milliseconds:F2} × | {limit.Milliseconds / runs[formats.IndexOf(format)]:F2} × | |"));
        }

        Workspace.Delete(simplified);
    }

    private static string Process(Measurement[] rounds) => string.Create(
        CultureInfo.InvariantCulture, $"| {rounds.Minimum():F2} | {rounds.Min(m => m.ProcessorTime).TotalSeconds:F2} | {rounds.Max(m => m.PeakBytes) / 1e6:F0} |");

    private static Contender PeerDynamic(Workload workload, string model)
    {
        string fused = Workspace.File("quantize.fused.onnx"), quantized = Workspace.File("quantize.peer.onnx");
        if (workload.Fuse is { } fuse)
            fuse(model, fused);
        else
            Optimize(model, fused, "--optimization", "Basic");
        PeerQuantization.Quantize(fused, quantized);
        Workspace.Delete(fused);
        return new Contender("`quantize_dynamic`", quantized, LoadOptimization.All);
    }

    private static Contender PeerStatic(string model)
    {
        string simplified = Workspace.File("quantize.simplified.onnx"), quantized = Workspace.File("quantize.peer.onnx");
        Optimize(model, simplified, "--optimization", "Basic");
        using (var runner = new OnnxRuntimeRunner(new WorkerCommand("dotnet", [Workspace.Tool, "worker"])))
            PeerStaticQuantization.Quantize(simplified, quantized, runner);
        Workspace.Delete(simplified);
        return new Contender("`quantize_static`", quantized, LoadOptimization.All);
    }

    private static Contender PeerBlocks(string model)
    {
        string quantized = Workspace.File("quantize.blocks.onnx");
        Optimize(model, quantized, "--optimization", "Basic", "--quantization", "Int4", "--exclude-nodes", "*Gather*");
        return new Contender("`MatMulNBits`", quantized, LoadOptimization.All);
    }

    private static Measurement Compile(string model, string result, string format) => Optimize(model, result, "--quantization", format);

    private static Measurement Optimize(string model, string result, params string[] options) =>
        ChildProcess.Run(Workspace.Folder, "dotnet", [Workspace.Tool, "optimize", model, "-o", result, "--no-verify", .. options]);
}
