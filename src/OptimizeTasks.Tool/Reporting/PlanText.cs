using OptimizeTasks.Compiler;
using OptimizeTasks.Tool.Benchmarking;

namespace OptimizeTasks.Tool.Reporting;

/// <summary>Writes a plan for people: a row for each node, and the sums.</summary>
internal static class PlanText
{
    /// <summary>Writes the table.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="layers">What a search found out about layers; empty where there was none.</param>
    /// <param name="output">Where it goes.</param>
    public static void Write(CompressionPlan plan, IReadOnlyCollection<LayerSensitivity> layers, TextWriter output)
    {
        var found = layers.SelectMany(layer => layer.Nodes.Select(node => (Key: (node, layer.Format), Layer: layer))).ToDictionary(pair => pair.Key, pair => pair.Layer);
        var table = new TextTable(2, 4, 5, 6);
        table.Add("node", "operator", "weights", "format", "error", "saves, ms", "saves", "why");
        foreach (PlannedNode node in plan.Nodes)
        {
            LayerSensitivity? layer = found.GetValueOrDefault((node.Node, node.Format));
            table.Add(
                node.Node,
                node.Operator ?? "",
                node.Weights is { } weights ? Printable.Count(weights) : "",
                Format(node),
                layer is null ? "" : BenchmarkText.Error(layer.Error),
                layer?.SavedMilliseconds is { } saved ? BenchmarkText.Milliseconds(saved / layer.Nodes.Length) : "",
                layer is null ? "" : Printable.Bytes(layer.SavedBytes / layer.Nodes.Length),
                node.Why ?? "");
        }

        table.Write(output);
        int quantized = plan.Nodes.Count(node => node.Format != WeightFormat.Float);
        output.WriteLine($"{quantized} of {plan.Nodes.Length} nodes, {Printable.Count(plan.Nodes.Where(node => node.Format != WeightFormat.Float).Sum(node => node.Weights ?? 0))} of {Printable.Count(plan.Nodes.Sum(node => node.Weights ?? 0))} weights");
    }

    private static string Format(PlannedNode node) => FormatName(node) + (node.Smoothing is { } alpha ? FormattableString.Invariant($", smoothed {alpha}") : "");

    private static string FormatName(PlannedNode node) => node.BlockSize is { } block ? FormattableString.Invariant($"{node.Format}, blocks of {block}{(node.ErrorFeedback == true ? ", error feedback" : "")}")
        : node.PerChannel == false ? $"{node.Format}, one scale"
        : node.Format.ToString();
}
