using System.Globalization;
using OptimizeTasks.Compiler;

namespace OptimizeTasks.Tool.Reporting;

/// <summary>A metric in words.</summary>
internal static class MetricText
{
    /// <summary>For instance <c>Accuracy 0.988 → 0.986</c>, or <c>KullbackLeibler 1.2e-3</c> where the original has none.</summary>
    public static string Of(MetricResult result) => result.Metric switch
    {
        Metric.RelativeL2 or Metric.KullbackLeibler => string.Create(CultureInfo.InvariantCulture, $"{result.Metric} {result.Compiled:0.0e-0}"),
        Metric.Accuracy => string.Create(CultureInfo.InvariantCulture, $"{result.Metric} {result.Original:0.000} → {result.Compiled:0.000}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{result.Metric} {result.Compiled:0.0000}"),
    };
}
