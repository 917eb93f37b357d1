using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification.Transposing;

/// <summary>Finds the parts of a graph that can compute before transposes instead of behind them.</summary>
internal sealed class TransposeRegions
{
    private readonly Graph _graph;

    // In graph order, with how they compute.
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<Node, CarriedNode> _carried = [];

    // What stands between a value and what it would be: of transposes, and of the nodes behind them.
    private readonly Dictionary<Value, Permutation> _permutations = [];

    private TransposeRegions(Graph graph) => _graph = graph;

    /// <summary>The regions, each with the transposes before it, in graph order. Linear in the graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="blocked">Transposes that no region begins with.</param>
    public static IReadOnlyList<TransposeRegion> Find(Graph graph, HashSet<Node> blocked)
    {
        var regions = new TransposeRegions(graph);
        regions.Spread(blocked);
        regions.Prune();
        return regions.Group();
    }

    /// <summary>Follows every transpose as far as it can be moved.</summary>
    private void Spread(HashSet<Node> blocked)
    {
        foreach (Node node in _graph.Nodes)
        {
            if (!blocked.Contains(node) && Permutation.Of(node) is { IsIdentity: false } permutation)
            {
                _permutations[node.Output] = permutation;
            }
            else if (!node.Is("Transpose") && node.Outputs is [{ }, ..] && Carry(node) is { } carried)
            {
                _nodes.Add(node);
                _carried.Add(node, carried);
                foreach (Value output in carried.Output.IsIdentity ? [] : node.Outputs.OfType<Value>())
                    _permutations[output] = carried.Output;
            }
        }
    }

    private CarriedNode? Carry(Node node)
    {
        for (int i = 0; i < node.Inputs.Count; i++)
        {
            if (node.Inputs[i] is { } input && _permutations.TryGetValue(input, out Permutation? permutation)
                && TransposeRules.Carry(node, i, permutation) is { } carried && node.Outputs.All(o => o is null || o.Shape?.Rank == carried.Output.Rank)
                && Enumerable.Range(0, node.Inputs.Count).All(k => carried.Inputs[k] is null || (node.Inputs[k] is { } other && Takes(other, carried.Inputs[k]!))))
                return carried;
        }

        return null;
    }

    private bool Takes(Value input, Permutation permutation) =>
        _permutations.TryGetValue(input, out Permutation? own) ? own.Equals(permutation) : input.CanTranspose(permutation.Rank);

    /// <summary>Takes out the nodes from which moving on gains nothing.</summary>
    private void Prune()
    {
        foreach (Node node in Enumerable.Reverse(_nodes))
        {
            if (!Gains(node))
                _carried.Remove(node);
        }

        _nodes.RemoveAll(n => !_carried.ContainsKey(n));
    }

    /// <summary>Whether transposes meet at the node or behind it, or fewer bytes come out of it than go in.</summary>
    private bool Gains(Node node)
    {
        CarriedNode carried = _carried[node];
        return carried.Output.IsIdentity
            || TransposedInputs(node, carried).Distinct().Skip(1).Any()
            || node.Outputs.OfType<Value>().Any(o => o.Uses.Any(u => u.Node.Graph == _graph && (u.Node.Is("Transpose") || IsInside(u))))
            || (Sizes.Elements(node.Output) is { } after && Sizes.Elements(TransposedInputs(node, carried).First()) is { } before && !after.Equals(before) && after.IsAtMost(before));
    }

    /// <summary>Whether the use is one before which a transpose goes.</summary>
    private bool IsInside(Use use) => _carried.TryGetValue(use.Node, out CarriedNode? carried) && carried.Inputs[use.Index] is not null;

    private IEnumerable<Value> TransposedInputs(Node node, CarriedNode carried) =>
        node.Inputs.Where((input, i) => carried.Inputs[i] is not null && _permutations.ContainsKey(input!)).Select(i => i!);

    /// <summary>Nodes that have a value in common belong together.</summary>
    private IReadOnlyList<TransposeRegion> Group()
    {
        var parents = new Dictionary<Node, Node>();
        foreach (Node node in _nodes)
        {
            parents[node] = node;
            foreach (Value input in TransposedInputs(node, _carried[node]))
            {
                Node producer = input.Producer!;
                parents.TryAdd(producer, producer);
                parents[Root(parents, producer)] = Root(parents, node);
            }
        }

        var regions = new Dictionary<Node, TransposeRegion>();
        var ordered = new List<TransposeRegion>();
        foreach (Node node in _nodes)
        {
            Node root = Root(parents, node);
            if (!regions.TryGetValue(root, out TransposeRegion? region))
                ordered.Add(regions[root] = region = new TransposeRegion(_graph));
            region.Add(node, _carried[node], TransposedInputs(node, _carried[node]).Select(i => i.Producer!).Where(p => p.Is("Transpose")));
        }

        return ordered;
    }

    private static Node Root(Dictionary<Node, Node> parents, Node node)
    {
        while (parents[node] != node)
            node = parents[node] = parents[parents[node]];
        return node;
    }
}
