using System.Globalization;
using OptimizeTasks.Compiler;
using OptimizeTasks.Tool.Reporting;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>A loss that is greater than was allowed.</summary>
internal static class AccuracyLoss
{
    /// <summary>The error that says so.</summary>
    public static Diagnostic Exceeded(MetricResult measured, double budget, BudgetReport? report = null) => Diagnostics.AccuracyBudgetExceeded.Create(
        string.Create(CultureInfo.InvariantCulture, $"{MetricText.Of(measured)} on {measured.Samples}: a loss of {measured.Loss:0.0e-0}, and {budget:0.0e-0} is allowed{(report is null ? "" : ". " + report.Summary)}"));
}
