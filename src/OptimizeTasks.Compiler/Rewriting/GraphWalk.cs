using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting;

/// <summary>Ways through a graph and the graphs inside.</summary>
internal static class GraphWalk
{
    /// <summary>The graph and all graphs inside, outer ones first, as they are now.</summary>
    public static IReadOnlyList<Graph> AllGraphs(this Graph graph)
    {
        var found = new List<Graph> { graph };
        for (int i = 0; i < found.Count; i++)
        {
            foreach (Node node in found[i].Nodes)
                found.AddRange(node.Subgraphs);
        }

        return found;
    }

    /// <summary>The main graph around this one.</summary>
    public static Graph Root(this Graph graph)
    {
        while (graph.Outer is { } outer)
            graph = outer;
        return graph;
    }

    /// <summary>Nodes by operator, those of subgraphs included; operators outside ONNX's own domain with their domain.</summary>
    public static SortedDictionary<string, int> CountOperators(this Graph graph)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (Node node in graph.AllNodes())
        {
            string name = node.Domain.Length == 0 ? node.OpType : $"{node.Domain}.{node.OpType}";
            counts[name] = counts.GetValueOrDefault(name) + 1;
        }

        return counts;
    }
}
