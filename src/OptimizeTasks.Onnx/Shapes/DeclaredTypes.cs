namespace OptimizeTasks.Onnx.Shapes;

/// <summary>The types of all values in a subgraph before it is inferred, so that it can be inferred anew.</summary>
internal sealed class DeclaredTypes
{
    private readonly List<(Value Value, OnnxType? Type)> _types = [];

    public DeclaredTypes(Graph graph) => Add(graph);

    public void Restore()
    {
        foreach ((Value value, OnnxType? type) in _types)
            value.Type = type;
    }

    private void Add(Graph graph)
    {
        foreach (Value value in graph.Values)
            _types.Add((value, value.Type));
        foreach (Graph subgraph in graph.Nodes.SelectMany(n => n.Subgraphs))
            Add(subgraph);
    }
}
