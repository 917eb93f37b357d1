using System.Globalization;
using OptimizeTasks.Benchmarks.Measuring;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>How cost grows: a model larger than a protobuf file beside <c>cp</c>, and twice as many nodes.</summary>
internal static class ScaleTable
{
    private const string Large = "perceptron-3gb";
    private static readonly string[] s_nodes = ["perceptron-100k", "perceptron-200k"];

    public static void Print(TextWriter output, TableOptions options)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Whole processes, {options.Rounds} rounds in turn.\n"));
        PrintBytes(output, options.Rounds);
        output.WriteLine();
        PrintNodes(output, options.Rounds);
    }

    private static void PrintBytes(TextWriter output, int rounds)
    {
        string model = Workspace.Model(Large), copy = Workspace.File(Large + ".copy.onnx");
        Measurement[][] runs = Rounds.Run(
            rounds,
            () => ChildProcess.Run(Workspace.Folder, "cp", model + ".data", copy + ".data"),
            () => ChildProcess.Run(Workspace.Folder, "dotnet", typeof(ScaleTable).Assembly.Location, "copy", model, copy),
            () => ChildProcess.Run(Workspace.Folder, "dotnet", Workspace.Tool, "optimize", model, "-o", copy, "--no-verify"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {Workspace.Length(model) / 1e9:F1} GB of weights | minimum, s | median, s | of `cp` | processors, s | peak, MB |"));
        output.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach ((string name, Measurement[] run) in new[] { "`cp`", "read and written", "`optimize --no-verify`" }.Zip(runs))
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {run.Minimum():F2} | {run.Median():F2} | {run.Minimum() / runs[0].Minimum():F1} × | {Processors(run):F2} | {run.Max(m => m.PeakBytes) / 1e6:F0} |"));
        Workspace.Delete(copy);
    }

    private static void PrintNodes(TextWriter output, int rounds)
    {
        string result = Workspace.File("nodes.onnx");
        string[] models = [.. s_nodes.Select(Workspace.Model)];
        Measurement[][] runs = Rounds.Run(rounds, [.. models.Select(model => new Func<Measurement>(() => ChildProcess.Run(Workspace.Folder, "dotnet", Workspace.Tool, "optimize", model, "-o", result, "--no-verify")))]);
        output.WriteLine("| nodes, `optimize --no-verify` | minimum, s | median, s | processors, s | of the smaller | peak, MB |");
        output.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach ((string path, Measurement[] run) in models.Zip(runs))
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {Nodes(path)} | {run.Minimum():F2} | {run.Median():F2} | {Processors(run):F2} | {Processors(run) / Processors(runs[0]):F2} × | {run.Max(m => m.PeakBytes) / 1e6:F0} |"));
        Workspace.Delete(result);
    }

    private static double Processors(Measurement[] runs) => runs.Min(m => m.ProcessorTime).TotalSeconds;

    private static int Nodes(string path)
    {
        using Model model = ModelReader.Read(path);
        return model.Graph.NodeCount;
    }
}
