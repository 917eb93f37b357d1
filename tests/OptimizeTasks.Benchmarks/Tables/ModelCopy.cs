using System.Diagnostics;
using System.Globalization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>Reading and writing a model with nothing between.</summary>
internal static class ModelCopy
{
    public static void Run(string from, string to, int repetitions)
    {
        for (int i = 0; i < repetitions; i++)
        {
            var watch = Stopwatch.StartNew();
            using Model model = ModelReader.Read(from);
            TimeSpan read = watch.Elapsed;
            ModelWriter.Write(model, to);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model.Graph.NodeCount} nodes: read {read.TotalMilliseconds:F0} ms, written {(watch.Elapsed - read).TotalMilliseconds:F0} ms"));
        }

        using var process = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak {process.PeakWorkingSet64 >> 20} MB"));
    }
}
