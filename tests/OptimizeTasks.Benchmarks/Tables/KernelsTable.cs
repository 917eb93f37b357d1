using System.Globalization;
using OptimizeTasks.Benchmarks.Kernels;
using OptimizeTasks.Benchmarks.Measuring;
using OptimizeTasks.Compiler;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using LoadOptimization = OptimizeTasks.Manifest.LoadOptimization;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>How fast kernels are beside the operators that they can take the place of: the ranks that lowering goes by.</summary>
internal static class KernelsTable
{
    private const int RunsPerRound = 100;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);
    private static readonly WorkerCommand s_worker = new("dotnet", [Workspace.Tool, "worker"]);

    public static void Print(TextWriter output, int rounds)
    {
        output.WriteLine($"Measured: {Machine.Describe()}.\n");
        output.WriteLine($"Four times the same behind each other, {rounds} rounds in turn of {RunsPerRound} runs, each in a process of its own, nothing optimised at load; minima. A gain above 1 is the kernel's.\n");
        output.WriteLine("| kernel | in the place of | input | operators, µs | kernel, µs | gain |");
        output.WriteLine("| --- | --- | --- | --- | --- | --- |");
        var gains = new SortedDictionary<string, List<double>>(StringComparer.Ordinal);
        foreach (KernelCase measured in KernelCases.All)
        {
            (double first, double second) = Measure(measured, rounds);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {measured.Kernel} | {measured.Replaced} | {string.Join(" × ", measured.Sizes)} | {first * 1000:F0} | {second * 1000:F0} | {first / second:F2} |"));
            if (!gains.TryGetValue(measured.Kernel, out List<double>? list))
                gains[measured.Kernel] = list = [];
            list.Add(first / second);
        }

        output.WriteLine("\nGeometric means, which the compiler's kernel table has:\n");
        output.WriteLine("| kernel | gain |");
        output.WriteLine("| --- | --- |");
        foreach ((string kernel, List<double> list) in gains)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| `{kernel}` | {Math.Exp(list.Average(Math.Log)):F2} |"));
    }

    /// <summary>The minima of both ways, in milliseconds.</summary>
    private static (double First, double Second) Measure(KernelCase measured, int rounds)
    {
        string[] paths = [Workspace.File("first.onnx"), Workspace.File("second.onnx")];
        double[] minima = [double.PositiveInfinity, double.PositiveInfinity];
        try
        {
            Write(paths[0], measured.Sizes, measured.First);
            Write(paths[1], measured.Sizes, measured.Second);
            var inputs = new Dictionary<string, Tensor> { ["x"] = Input(measured.Sizes) };
            var meter = new ModelMeter(s_worker);
            for (int round = 0; round < rounds; round++)
            {
                for (int i = 0; i < paths.Length; i++)
                {
                    ModelMeasurement run = meter.Measure(paths[i], new SessionSettings { Optimization = LoadOptimization.None }, inputs, [KernelGraph.Output], RunsPerRound, s_limit, CancellationToken.None);
                    minima[i] = Math.Min(minima[i], run.RunMilliseconds.Min());
                }
            }
        }
        finally
        {
            Array.ForEach(paths, Workspace.Delete);
        }

        return (minima[0], minima[1]);
    }

    private static void Write(string path, long[] sizes, Func<KernelGraph, Value, Value> compute)
    {
        using Model model = KernelGraph.Build(sizes, compute);
        ModelWriter.Write(model, path);
    }

    private static Tensor Input(long[] sizes)
    {
        var random = new Random(1);
        return Tensor.Create<float>(ElementType.Float, sizes, [.. Enumerable.Range(0, (int)sizes.Aggregate(1L, (a, b) => a * b)).Select(_ => (random.NextSingle() * 2) - 1)]);
    }
}
