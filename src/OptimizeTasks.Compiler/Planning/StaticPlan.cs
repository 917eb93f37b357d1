using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>The nodes that compute with activations of 8 bits, and what follows for the values between them.</summary>
internal sealed class StaticPlan
{
    private readonly HashSet<Node> _nodes;
    private readonly HashSet<Node> _absorbed;

    /// <param name="graph">The main graph.</param>
    /// <param name="formats">The formats of nodes.</param>
    public StaticPlan(Graph graph, IReadOnlyDictionary<Node, PlannedNode> formats)
    {
        _nodes = [.. graph.Nodes.Where(n => formats.TryGetValue(n, out PlannedNode? planned) && planned.Format == WeightFormat.Static)];
        _absorbed = [.. _nodes.Where(n => StaticOperators.RoleOf(n) == StaticRole.Saturates && n.Inputs[0]!.Producer is { } producer && Includes(producer))];
        // Codes saturate, numbers do not: behind a product that gives numbers the node stays.
        foreach (Node node in _absorbed.Where(n => !GivesCodes(n.Inputs[0]!.Producer!)).ToArray())
        {
            _absorbed.Remove(node);
            _nodes.Remove(node);
        }

        Nodes = [.. graph.Nodes.Where(_nodes.Contains)];
    }

    /// <summary>The nodes, in the order of the graph.</summary>
    public IReadOnlyList<Node> Nodes { get; }

    /// <summary>Whether the node is one of them.</summary>
    public bool Includes(Node node) => _nodes.Contains(node);

    /// <summary>Whether another node of the plan does what this one does, by saturating.</summary>
    public bool IsAbsorbed(Node node) => _absorbed.Contains(node);

    /// <summary>The value that a node's kernel computes: behind the node that it takes in, if there is one.</summary>
    public Value ResultOf(Node node) => node.Output is { IsOutput: false, Uses: [var use] } && Includes(use.Node) && IsAbsorbed(use.Node) ? use.Node.Output : node.Output;

    /// <summary>
    /// Whether the result is wanted in 8 bits. Convolutions, and what computes without weights, have no kernels that give
    /// anything else; a product of more than two axes none that gives it.
    /// </summary>
    public bool GivesCodes(Node node) => node.Is("Conv") || StaticOperators.RoleOf(node) == StaticRole.Follows
        || (!(node.Is("MatMul") && node.Inputs[0]!.Shape!.Rank != 2) && ResultsOf(node).Any(result => result.Uses.Any(use => Takes(use.Node, result))));

    /// <summary>The values that a node's kernel computes: several of a Split.</summary>
    public IEnumerable<Value> ResultsOf(Node node) => node.Outputs.Count == 1 ? [ResultOf(node)] : node.Outputs.OfType<Value>();

    /// <summary>Whether the node takes the value in 8 bits.</summary>
    public bool Takes(Node node, Value value) => Includes(node) && !IsAbsorbed(node) && StaticOperators.ActivationsOf(node).Contains(value);

    /// <summary>The value whose codes this one has: another one where its elements are only moved.</summary>
    public Value SourceOf(Value value)
    {
        while (value.Producer is { } producer && Includes(producer) && StaticOperators.RoleOf(producer) == StaticRole.Moves)
            value = producer.Inputs[0]!;
        return value;
    }

    /// <summary>The values whose ranges have to be known.</summary>
    public IReadOnlyCollection<Value> Calibrated()
    {
        var values = new HashSet<Value>();
        var ordered = new List<Value>();
        foreach (Node node in Nodes.Where(n => !IsAbsorbed(n)))
        {
            foreach (Value value in StaticOperators.ActivationsOf(node).Concat(GivesCodes(node) ? ResultsOf(node) : []).Select(SourceOf))
            {
                if (values.Add(value))
                    ordered.Add(value);
            }
        }

        return ordered;
    }
}
