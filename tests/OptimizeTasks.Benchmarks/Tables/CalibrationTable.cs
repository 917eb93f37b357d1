using System.Globalization;
using System.Text;
using OptimizeTasks.Benchmarks.Measuring;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>What calibrating a transformer on many samples of different lengths takes.</summary>
internal static class CalibrationTable
{
    private const int Samples = 512;
    private const int ShortestLength = 8;
    private const int Longest = 128;
    private const int Words = 30_000;

    public static void Print(TextWriter output)
    {
        string model = Workspace.Model("bert-base");
        string samples = Workspace.File("bert-base.jsonl"), result = Workspace.File("bert-base.Static.onnx");
        File.WriteAllLines(samples, Enumerable.Range(0, Samples).Select(Line));
        try
        {
            Measurement measured = ChildProcess.RunWithChildren(
                Workspace.Folder, "dotnet", Workspace.Tool, "optimize", model, "-o", result, "--no-verify", "--quantization", "Static", "--calibration-data", samples, "--calibration-method", "Percentile");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"bert-base, {Samples} samples of {ShortestLength} to {Longest} tokens, Percentile. The peak is that of the tool and of the process that runs the model, added.\n"));
            output.WriteLine("| compiled in, s | peak, MB | size, MB |");
            output.WriteLine("| --- | --- | --- |");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {measured.Time.TotalSeconds:F0} | {measured.PeakBytes / 1e6:F0} | {Workspace.Length(result) / 1e6:F0} |"));
        }
        finally
        {
            File.Delete(samples);
            Workspace.Delete(result);
        }
    }

    private static string Line(int number)
    {
        var random = new Random(number);
        int length = random.Next(ShortestLength, Longest + 1);
        var line = new StringBuilder("{");
        line.Append(CultureInfo.InvariantCulture, $"\"input_ids\": [{string.Join(", ", Enumerable.Range(0, length).Select(_ => random.Next(Words)))}], ");
        line.Append(CultureInfo.InvariantCulture, $"\"attention_mask\": [{string.Join(", ", Enumerable.Repeat(1, length))}], ");
        line.Append(CultureInfo.InvariantCulture, $"\"token_type_ids\": [{string.Join(", ", Enumerable.Repeat(0, length))}]}}");
        return line.ToString();
    }
}
