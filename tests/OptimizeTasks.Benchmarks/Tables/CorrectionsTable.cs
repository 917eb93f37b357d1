using System.Collections.Immutable;
using System.Globalization;
using OptimizeTasks.Benchmarks.Architectures;
using OptimizeTasks.Benchmarks.Measuring;
using OptimizeTasks.Compiler;
using OptimizeTasks.Execution;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>What each correction takes, and what it gives, on weights with heavy tails and outlier channels.</summary>
internal static class CorrectionsTable
{
    private const int RunsPerRound = 10;
    private const int Hidden = 512;
    private const int Given = 640, HeldOut = 128;

    private static readonly ImmutableArray<string> s_formats = ["Dynamic", "Int8", "Int4"];
    private static readonly ImmutableArray<string> s_corrections = ["None", "Clipping", "Equalization", "All", "ErrorFeedback", "Clipping;ErrorFeedback", "Equalization;ErrorFeedback", "All;ErrorFeedback"];

    public static void Print(TextWriter output, TableOptions options)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Four layers of 512 and 2048 channels, the weights from Student's t with 3 degrees of freedom, one hidden channel in 50 32 times as large before Relu and as small behind it. {options.Rounds} rounds in turn; error: ‖a−b‖ / ‖a‖ on drawn inputs, and its root mean square on {HeldOut} rows whose numbers come together as those of the {Given} do that error feedback is given.\n"));
        output.WriteLine("| format | corrections | compiled in, s | processors, s | run, ms | error | on held-out rows |");
        output.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        string model = Workspace.File("outliers.onnx");
        using (Model built = new OutlierPerceptron(4, Hidden, 2048).Build())
            ModelWriter.Write(built, model);
        string samples = Workspace.File("outliers.jsonl");
        new CorrelatedRows(Given, Hidden, 1).WriteTo(samples);
        foreach (string format in s_formats)
            Print(output, model, samples, format, options.Rounds);
        Workspace.Delete(model);
        File.Delete(samples);
        output.WriteLine();
        CalibratedCorrectionsTable.Print(output);
    }

    private static void Print(TextWriter output, string model, string samples, string format, int rounds)
    {
        // The others are for weights in blocks.
        string[] corrections = [.. s_corrections.Where(name => format != "Dynamic" || name is "None" or "Equalization")];
        string[] results = [.. corrections.Select((_, i) => Workspace.File($"outliers.{format}.{i}.onnx"))];
        Measurement[][] compiled = Rounds.Run(rounds, [.. corrections.Select((name, i) => (Func<Measurement>)(() => Compile(model, results[i], samples, format, name)))]);
        Contender[] contenders = [new("original", model, LoadOptimization.All), .. results.Select((path, i) => Contender.Compiled(corrections[i], path))];
        List<ModelMeasurement>[] runs = ModelRounds.Run(model, ImmutableSortedDictionary<string, long>.Empty, contenders, rounds, RunsPerRound);
        var meter = new MetricMeter(new InProcessRunner());
        for (int i = 0; i < results.Length; i++)
        {
            double heldOut = meter.Measure(Metric.RelativeL2, model, results[i], new CorrelatedRows(HeldOut, Hidden, 2)).Loss;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| `{format}` | `{corrections[i]}` | {compiled[i].Minimum():F2} | {compiled[i].Min(m => m.ProcessorTime).TotalSeconds:F2} | {runs[i + 1].Minimum():F1} | {ModelRounds.Error(runs[0], runs[i + 1]):0.00e-0} | {heldOut:0.00e-0} |"));
            Workspace.Delete(results[i]);
        }
    }

    private static Measurement Compile(string model, string result, string samples, string format, string corrections)
    {
        string[] given = corrections.Contains("ErrorFeedback", StringComparison.Ordinal) ? ["--calibration-data", samples] : [];
        return ChildProcess.Run(Workspace.Folder, "dotnet", [Workspace.Tool, "optimize", model, "-o", result, "--no-verify", "--quantization", format, "--corrections", corrections, .. given]);
    }
}
