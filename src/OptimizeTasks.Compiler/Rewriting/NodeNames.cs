using System.Globalization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting;

/// <summary>Names of nodes. ONNX leaves them free; ONNX Runtime refuses a graph with two equal ones.</summary>
internal static class NodeNames
{
    /// <summary>Gives nodes whose name an earlier node of their graph has a number, in the graph and the graphs inside.</summary>
    public static void MakeUnique(Graph graph)
    {
        foreach (Graph current in graph.AllGraphs())
        {
            HashSet<string> all = [.. current.Nodes.Select(n => n.Name)];
            var seen = new HashSet<string>(StringComparer.Ordinal);
            int number = 0;
            foreach (Node node in current.Nodes)
            {
                if (node.Name.Length == 0 || seen.Add(node.Name))
                    continue;
                string name;
                do
                    name = string.Create(CultureInfo.InvariantCulture, $"{node.Name}_{++number}");
                while (!all.Add(name));
                node.Name = name;
                seen.Add(name);
            }
        }
    }
}
