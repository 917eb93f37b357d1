using System.Collections.Immutable;
using System.Globalization;

namespace OptimizeTasks.Compiler;

/// <summary>Why a plan is beyond its budget, and what could be had instead.</summary>
/// <param name="Reachable">The formats for whole models with the errors that they reach, the most exact first.</param>
/// <param name="Worst">The layers that cost most, each quantised alone.</param>
public sealed record BudgetReport(ImmutableArray<PlanCandidate> Reachable, ImmutableArray<LayerSensitivity> Worst)
{
    /// <summary>Both in one sentence.</summary>
    public string Summary
    {
        get
        {
            string worst = string.Join(", ", Worst.Select(layer => string.Create(CultureInfo.InvariantCulture, $"{layer.Nodes[0]} {layer.Error:0.0e-0}")));
            string best = Reachable.IsEmpty ? "" : string.Create(CultureInfo.InvariantCulture, $"; the best that a whole model reaches is {Reachable[0].Error:0.0e-0} in {Reachable[0].Name}");
            return $"Alone, these cost most: {worst}{best}";
        }
    }
}
