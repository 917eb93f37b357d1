using System.Globalization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Comparison;

/// <summary>What a model consists of, by name.</summary>
internal sealed record Parts
{
    public required Dictionary<string, Node> Nodes { get; init; }

    public required Dictionary<string, Tensor> Initializers { get; init; }

    public required Dictionary<string, int> Operators { get; init; }

    public int NodeCount => Nodes.Count;

    public long WeightBytes => Initializers.Values.Sum(tensor => tensor.ByteLength);

    public static Parts Of(Model model)
    {
        List<Node> nodes = [.. model.Graph.AllNodes()];
        return new Parts
        {
            Nodes = ByName(nodes, NameOf),
            Initializers = ByName(nodes.SelectMany(node => node.Subgraphs).Prepend(model.Graph).SelectMany(graph => graph.Initializers), value => value.Name)
                .ToDictionary(pair => pair.Key, pair => pair.Value.Initializer!, StringComparer.Ordinal),
            Operators = nodes.GroupBy(OperatorOf).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal),
        };
    }

    /// <summary>The operator with its domain.</summary>
    public static string OperatorOf(Node node) => node.Domain.Length == 0 ? node.OpType : $"{node.Domain}.{node.OpType}";

    private static string NameOf(Node node) => node.Name.Length > 0 ? node.Name : node.Outputs.FirstOrDefault(output => output is not null)?.Name ?? node.OpType;

    /// <summary>Nothing forbids that two nodes, or two values of subgraphs, have one name: those behind the first get a number.</summary>
    private static Dictionary<string, T> ByName<T>(IEnumerable<T> items, Func<T, string> nameOf)
    {
        var named = new Dictionary<string, T>(StringComparer.Ordinal);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (T item in items)
        {
            string name = nameOf(item);
            string unique = name;
            while (!named.TryAdd(unique, item))
            {
                counts[name] = counts.GetValueOrDefault(name, 1) + 1;
                unique = string.Create(CultureInfo.InvariantCulture, $"{name}#{counts[name]}");
            }
        }

        return named;
    }
}
