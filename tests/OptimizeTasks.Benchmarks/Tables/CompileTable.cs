using System.Globalization;
using OptimizeTasks.Benchmarks.Architectures;
using OptimizeTasks.Benchmarks.Measuring;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>What it takes to compile BERT-base: whole processes, a copy of the file as the limit, ONNX Runtime's own optimiser as the peer.</summary>
internal static class CompileTable
{
    private const int Count = 5;

    public static void Print()
    {
        string model = Workspace.File("bert-base.onnx");
        if (!File.Exists(model))
            ModelWriter.Write(Bert.Base.Build(), model);
        string result = Workspace.File("bert-base.optimized.onnx");
        Measurement[][] runs = Rounds.Run(Count,
            () => ChildProcess.Run(Workspace.Folder, "cp", model, result),
            () => Optimize(model, result, "--no-verify"),
            () => Optimize(model, result),
            () => Peer(model));

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"BERT-base, {new FileInfo(model).Length / 1e6:F0} MB, whole processes, {Count} rounds in turn:\n"));
        Console.WriteLine("| | minimum, s | median, s | peak, MB |");
        Console.WriteLine("| --- | --- | --- | --- |");
        Row("cp", runs[0]);
        Row("optimize --no-verify", runs[1]);
        Row("optimize (verified)", runs[2]);
        Row("ONNX Runtime, OptimizedModelFilePath (not verified)", runs[3]);
        string[] leftovers = [.. Directory.GetFiles(Workspace.Folder, "bert-base.optimized*"), .. Directory.GetFiles(Workspace.Folder, "bert-base.peer*")];
        foreach (string file in leftovers)
            File.Delete(file);
    }

    private static Measurement Optimize(string model, string result, params string[] options) =>
        ChildProcess.Run(Workspace.Folder, "dotnet", [Workspace.Tool, "optimize", model, "-o", result, .. options]);

    private static Measurement Peer(string model) =>
        ChildProcess.Run(Workspace.Folder, "dotnet", typeof(CompileTable).Assembly.Location, "peer", model, Workspace.File("bert-base.peer.onnx"));

    private static void Row(string name, Measurement[] runs) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"| {name} | {runs.Minimum():F2} | {runs.Median():F2} | {runs.Max(r => r.PeakBytes) / 1e6:F0} |"));
}
