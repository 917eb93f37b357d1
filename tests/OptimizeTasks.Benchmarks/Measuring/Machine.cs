using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace OptimizeTasks.Benchmarks.Measuring;

/// <summary>What figures were measured on.</summary>
internal static class Machine
{
    /// <summary>One line: date, processor, memory and versions.</summary>
    public static string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} cores of {Processor()}, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9:F0} GB, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, ONNX Runtime {OrtEnv.Instance().GetVersionString()}, warm page cache");

    /// <summary>Bytes that processes could have now; unlimited where it is not known.</summary>
    public static long FreeMemory() => ReadLine("/proc/meminfo", "MemAvailable:") is { } text
        ? long.Parse(text.AsSpan().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) * 1024
        : long.MaxValue;

    private static string Processor() => ReadLine("/proc/cpuinfo", "model name") is { } text ? text.TrimStart(':', ' ') : RuntimeInformation.ProcessArchitecture.ToString();

    private static string? ReadLine(string file, string start) =>
        File.Exists(file) ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith(start, StringComparison.Ordinal))?[start.Length..].Trim() : null;
}
