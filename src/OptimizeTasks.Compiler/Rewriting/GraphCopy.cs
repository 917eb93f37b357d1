using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting;

/// <summary>
/// Copies the nodes of one graph before a node of another: a function's body in place of its call, a branch in place of
/// its <c>If</c>. Names that are taken get a number.
/// </summary>
internal sealed class GraphCopy
{
    private readonly Dictionary<Value, Value> _values = [];
    private readonly HashSet<Value> _absent = [];
    private readonly Func<NodeAttribute, NodeAttribute?> _attribute;
    private readonly string _prefix;

    /// <param name="prefix">Stands before the names of copied nodes and values.</param>
    /// <param name="attribute">What becomes of each attribute that is no graph; null drops it.</param>
    public GraphCopy(string prefix = "", Func<NodeAttribute, NodeAttribute?>? attribute = null)
    {
        _prefix = prefix;
        _attribute = attribute ?? (a => a);
    }

    /// <summary>Lets <paramref name="value"/> stand for <paramref name="original"/> in the copy; null stands for an absent input.</summary>
    public void Bind(Value original, Value? value)
    {
        if (value is null)
            _absent.Add(original);
        else
            _values[original] = value;
    }

    /// <summary>The copy of a value, or the value itself where it lies outside of what was copied.</summary>
    public Value? Map(Value? original) => original is null || _absent.Contains(original) ? null : _values.GetValueOrDefault(original, original);

    /// <summary>Copies initializers and nodes of <paramref name="source"/> into <paramref name="target"/>; returns the new nodes.</summary>
    public IReadOnlyList<Node> Copy(Graph source, Graph target, Node? before)
    {
        foreach (Value initializer in source.Initializers)
        {
            if (!_values.ContainsKey(initializer))
                _values[initializer] = target.AddInitializer(_prefix + initializer.Name, initializer.Initializer!);
        }

        foreach (Value initializer in source.SparseInitializers)
            _values[initializer] = target.AddSparseInitializer(target.UniqueName(_prefix + initializer.Name), initializer.SparseInitializer!);

        return CopyNodes(source.Nodes, target, before);
    }

    /// <summary>Copies nodes, in their order; what they use and is neither copied nor bound they use as it is.</summary>
    public IReadOnlyList<Node> CopyNodes(IEnumerable<Node> nodes, Graph target, Node? before) => [.. nodes.Select(n => CopyNode(n, target, before))];

    private Node CopyNode(Node node, Graph target, Node? before)
    {
        Node copy = target.AddNode(node.OpType, node.Inputs.Select(Map), node.Domain, before);
        copy.Name = _prefix + node.Name;
        copy.Overload = node.Overload;
        copy.DocString = node.DocString;
        copy.Metadata = node.Metadata;
        copy.Provenance = node.Provenance;
        foreach (NodeAttribute attribute in node.Attributes)
        {
            if (CopyAttribute(attribute, target) is { } copied)
                copy.SetAttribute(copied);
        }

        for (int i = 0; i < node.Outputs.Count; i++)
        {
            if (node.Outputs[i] is { } output)
                copy.SetOutput(i, CopyValue(output, target));
        }

        return copy;
    }

    private Value CopyValue(Value value, Graph target)
    {
        Value copy = target.AddValue(target.UniqueName(_prefix + value.Name), value.Type);
        copy.DocString = value.DocString;
        copy.Metadata = value.Metadata;
        _values[value] = copy;
        return copy;
    }

    private NodeAttribute? CopyAttribute(NodeAttribute attribute, Graph target) => attribute switch
    {
        GraphAttribute g => new GraphAttribute(g.Name, CopySubgraph(g.Value, target)) { DocString = g.DocString },
        GraphsAttribute gs => new GraphsAttribute(gs.Name, [.. gs.Values.Select(g => CopySubgraph(g, target))]) { DocString = gs.DocString },
        _ => _attribute(attribute),
    };

    private Graph CopySubgraph(Graph source, Graph outer)
    {
        var copy = new Graph(source.Name, outer) { DocString = source.DocString, Metadata = source.Metadata };
        foreach (Value input in source.Inputs)
        {
            Value copied = copy.AddInput(copy.UniqueName(input.Name), input.Type);
            _values[input] = copied;
            if (input.Initializer is { } initializer)
                copy.SetInitializer(copied, initializer);
        }

        Copy(source, copy, null);
        foreach (Value output in source.Outputs)
            copy.AddOutput(Map(output)!);
        return copy;
    }
}
