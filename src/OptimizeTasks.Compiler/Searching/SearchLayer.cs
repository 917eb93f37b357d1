using System.Collections.Immutable;

namespace OptimizeTasks.Compiler.Searching;

/// <summary>A layer, or a few of one kind that follow each other and are judged together.</summary>
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
        int together = (nodes.Count + most - 1) / most;
        string[] large = [.. nodes.GroupBy(KindOf, StringComparer.Ordinal).OrderByDescending(kind => kind.Sum(node => node.Weights)).Take(MostKinds).Select(kind => kind.Key)];
        return
        [
            .. nodes.GroupBy(node => large.Contains(KindOf(node)) ? KindOf(node) : "others", StringComparer.Ordinal)
                .SelectMany(kind => kind.Chunk(Math.Max(1, together)).Select(chunk => new SearchLayer([.. chunk.Select(node => node.Node)], kind.Key))),
        ];
    }

    private static string KindOf(PlannedNode node) => FormattableString.Invariant($"{node.Operator} of {node.Weights}");
}
