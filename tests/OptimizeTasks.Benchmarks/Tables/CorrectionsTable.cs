using System.Collections.Immutable;
using System.Globalization;
using OptimizeTasks.Benchmarks.Architectures;
using OptimizeTasks.Benchmarks.Measuring;
using OptimizeTasks.Execution;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>What each correction takes, and what it gives, on weights with heavy tails and outlier channels.</summary>
internal static class CorrectionsTable
{
    private const int RunsPerRound = 10;

    private static readonly ImmutableArray<string> s_formats = ["Dynamic", "Int8", "Int4"];
    private static readonly ImmutableArray<string> s_corrections = ["None", "Clipping", "Equalization", "All"];

    public static void Print(TextWriter output, TableOptions options)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Four layers of 512 and 2048 channels, the weights from Student's t with 3 degrees of freedom, one hidden channel in 50 32 times as large before Relu and as small behind it. {options.Rounds} rounds in turn; error: ‖a−b‖ / ‖a‖ on drawn inputs.\n"));
        output.WriteLine("| format | corrections | compiled in, s | processors, s | run, ms | error |");
        output.WriteLine("| --- | --- | --- | --- | --- | --- |");
        string model = Workspace.File("outliers.onnx");
        using (Model built = new OutlierPerceptron(4, 512, 2048).Build())
            ModelWriter.Write(built, model);
        foreach (string format in s_formats)
            Print(output, model, format, options.Rounds);
        Workspace.Delete(model);
        output.WriteLine();
        CalibratedCorrectionsTable.Print(output);
    }

    private static void Print(TextWriter output, string model, string format, int rounds)
    {
        string[] results = [.. s_corrections.Select(corrections => Workspace.File($"outliers.{format}.{corrections}.onnx"))];
        Measurement[][] compiled = Rounds.Run(rounds, [.. s_corrections.Select((corrections, i) => (Func<Measurement>)(() => Compile(model, results[i], format, corrections)))]);
        Contender[] contenders = [new("original", model, LoadOptimization.All), .. results.Select((path, i) => Contender.Compiled(s_corrections[i], path))];
        List<ModelMeasurement>[] runs = ModelRounds.Run(model, ImmutableSortedDictionary<string, long>.Empty, contenders, rounds, RunsPerRound);
        for (int i = 0; i < results.Length; i++)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| `{format}` | {s_corrections[i]} | {compiled[i].Minimum():F2} | {compiled[i].Min(m => m.ProcessorTime).TotalSeconds:F2} | {runs[i + 1].Minimum():F1} | {ModelRounds.Error(runs[0], runs[i + 1]):0.00e-0} |"));
            Workspace.Delete(results[i]);
        }
    }

    private static Measurement Compile(string model, string result, string format, string corrections) =>
        ChildProcess.Run(Workspace.Folder, "dotnet", Workspace.Tool, "optimize", model, "-o", result, "--no-verify", "--quantization", format, "--corrections", corrections);
}
