using System.Collections.Immutable;

namespace OptimizeTasks.Compiler.Searching;

/// <summary>A layer, or a few of one kind that follow each other and are judged together. What stands behind weights and has none goes with them.</summary>
/// <param name="Nodes">The nodes, by their names in plans.</param>
/// <param name="Kind">What layers that take equally long have in common: operator and number of weights.</param>
internal sealed record SearchLayer(ImmutableArray<string> Nodes, string Kind)
{
    /// <summary>Kinds are timed apart; the smallest ones of many count as one.</summary>
    private const int MostKinds = 8;

    /// <summary>The layer as it is, and the formats that were tried.</summary>
    public List<SearchChoice> Choices { get; } = [SearchChoice.Float];

    /// <summary>The layers of a model.</summary>
    /// <param name="nodes">The nodes that can have another format, in the order of the graph.</param>
    /// <param name="most">How many layers are judged at most, about.</param>
    public static ImmutableArray<SearchLayer> Of(IReadOnlyCollection<PlannedNode> nodes, int most)
    {
        PlannedNode[][] layers = [.. WithWeights(nodes)];
        int together = (layers.Length + most - 1) / most;
        string[] large = [.. layers.GroupBy(KindOf, StringComparer.Ordinal).OrderByDescending(kind => kind.Sum(layer => layer[0].Weights)).Take(MostKinds).Select(kind => kind.Key)];
        return
        [
            .. layers.GroupBy(layer => large.Contains(KindOf(layer)) ? KindOf(layer) : "others", StringComparer.Ordinal)
                .SelectMany(kind => kind.Chunk(Math.Max(1, together)).Select(chunk => new SearchLayer([.. chunk.SelectMany(layer => layer).Select(node => node.Node)], kind.Key))),
        ];
    }

    private static IEnumerable<PlannedNode[]> WithWeights(IEnumerable<PlannedNode> nodes)
    {
        var layer = new List<PlannedNode>();
        foreach (PlannedNode node in nodes)
        {
            if (layer.Count > 0 && node.Weights is > 0)
            {
                yield return [.. layer];
                layer.Clear();
            }

            layer.Add(node);
        }

        if (layer.Count > 0)
            yield return [.. layer];
    }

    private static string KindOf(PlannedNode[] layer) => FormattableString.Invariant($"{layer[0].Operator} of {layer[0].Weights}");
}
