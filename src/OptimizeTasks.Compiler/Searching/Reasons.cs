using System.Globalization;

namespace OptimizeTasks.Compiler.Searching;

/// <summary>Says of the nodes that a search leaves in floating point why.</summary>
internal static class Reasons
{
    /// <summary>The plan with the reasons.</summary>
    /// <param name="plan">The plan that was chosen.</param>
    /// <param name="sensitivities">What was found out about layers.</param>
    public static CompressionPlan AddTo(CompressionPlan plan, IReadOnlyList<LayerSensitivity> sensitivities)
    {
        ILookup<string, LayerSensitivity> byNode = sensitivities.SelectMany(layer => layer.Nodes.Select(node => (node, layer))).ToLookup(pair => pair.node, pair => pair.layer, StringComparer.Ordinal);
        return plan with { Nodes = [.. plan.Nodes.Select(node => node.Format == WeightFormat.Float && node.Why is null ? node with { Why = Of([.. byNode[node.Node]]) } : node)] };
    }

    private static string Of(LayerSensitivity[] tried)
    {
        LayerSensitivity[] gaining = [.. tried.Where(layer => layer.SavedMilliseconds is > 0 || (layer.SavedMilliseconds is null && layer.SavedBytes > 0))];
        return gaining.MinBy(layer => layer.Error) is { } best
            ? string.Create(CultureInfo.InvariantCulture, $"{best.Format} would cost an error of {best.Error:0.0e-0}")
            : "no format is faster";
    }
}
