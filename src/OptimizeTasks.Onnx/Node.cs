using System.Collections.Immutable;
using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Onnx.Writing;

namespace OptimizeTasks.Onnx;

/// <summary>An operator applied to values. Created by <see cref="Graph.AddNode"/>.</summary>
public sealed class Node
{
    private readonly List<Value?> _inputs;
    private readonly List<Value?> _outputs = [];

    // Where the use stands in the list of the input's value.
    private int[] _slots;

    // Most nodes have none.
    private List<NodeAttribute>? _attributes;

    internal Node(Graph graph, string opType, string domain, int inputs)
    {
        _inputs = new List<Value?>(inputs);
        _slots = new int[inputs];
        Graph = graph;
        OpType = opType;
        Domain = domain;
    }

    /// <summary>The graph that the node stands in; null once it was removed.</summary>
    public Graph? Graph { get; internal set; }

    /// <summary>The operator's name, for instance <c>MatMul</c>.</summary>
    public string OpType { get; set; }

    /// <summary>The operator's domain; <c>""</c> is ONNX's own (the reader maps the alias <c>ai.onnx</c> to it).</summary>
    public string Domain { get; set; }

    /// <summary>Which overload of a model-local function, or null.</summary>
    public string? Overload { get; set; }

    /// <summary>The node's name; may be empty and need not be unique.</summary>
    public string Name { get; set; } = "";

    /// <summary>Documentation in the file, or null.</summary>
    public string? DocString { get; set; }

    /// <summary>Free metadata of the node.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Metadata { get; set; } = [];

    /// <summary>Names of the original nodes that this one came from; empty for an original node.</summary>
    public ImmutableArray<string> Provenance { get; set; } = [];

    /// <summary>The inputs; null where an optional one is absent.</summary>
    public IReadOnlyList<Value?> Inputs => _inputs;

    /// <summary>The outputs; null where an optional one is absent.</summary>
    public IReadOnlyList<Value?> Outputs => _outputs;

    /// <summary>The attributes, in file order.</summary>
    public IReadOnlyList<NodeAttribute> Attributes => _attributes is null ? [] : _attributes;

    /// <summary>The next node of the graph.</summary>
    public Node? Next { get; internal set; }

    /// <summary>The previous node of the graph.</summary>
    public Node? Previous { get; internal set; }

    /// <summary>The only output. For nodes known to have exactly one that is present.</summary>
    public Value Output => _outputs[0]!;

    /// <summary>The graphs inside the node's attributes.</summary>
    public IEnumerable<Graph> Subgraphs => Attributes.SelectMany(GraphsOf);

    /// <summary>Whether the operator is ONNX's own of this name.</summary>
    public bool Is(string opType) => Domain.Length == 0 && OpType == opType;

    /// <summary>The input, or null where it is absent or beyond the last.</summary>
    public Value? Input(int index) => index < _inputs.Count ? _inputs[index] : null;

    /// <summary>Replaces an input; extends the list with absent ones as needed.</summary>
    public void SetInput(int index, Value? value)
    {
        while (_inputs.Count <= index)
            _inputs.Add(null);
        if (_slots.Length <= index)
            Array.Resize(ref _slots, _inputs.Capacity);

        _inputs[index]?.RemoveUse(_slots[index]);
        _inputs[index] = value;
        if (value is not null)
            _slots[index] = value.AddUse(new Use(this, index));
    }

    /// <summary>Drops the inputs from <paramref name="count"/> on.</summary>
    public void TruncateInputs(int count)
    {
        for (int i = _inputs.Count - 1; i >= count; i--)
        {
            _inputs[i]?.RemoveUse(_slots[i]);
            _inputs.RemoveAt(i);
        }
    }

    /// <summary>Makes <paramref name="value"/>, which nothing produces yet, the output of this number.</summary>
    public void SetOutput(int index, Value? value)
    {
        if (value is { Producer: not null } or { IsInput: true })
            throw new InvalidOperationException($"'{value.Name}' is produced already.");
        // Most nodes have one.
        if (_outputs.Capacity == 0)
            _outputs.Capacity = index + 1;
        while (_outputs.Count <= index)
            _outputs.Add(null);
        if (_outputs[index] is { } old)
            old.Producer = null;
        _outputs[index] = value;
        if (value is null)
            return;
        value.Producer = this;
        value.OutputIndex = index;
    }

    /// <summary>The attribute of this name, or null.</summary>
    public NodeAttribute? Attribute(string name) => _attributes?.Find(a => a.Name == name);

    /// <summary>Adds an attribute, or replaces the one of the same name.</summary>
    public void SetAttribute(NodeAttribute attribute)
    {
        Adopt(attribute);
        _attributes ??= new List<NodeAttribute>(1);
        int index = _attributes.FindIndex(a => a.Name == attribute.Name);
        if (index < 0)
        {
            _attributes.Add(attribute);
            return;
        }

        NodeAttribute old = _attributes[index];
        _attributes[index] = attribute;
        Release(old);
    }

    /// <summary>Removes the attribute of this name, if there is one.</summary>
    public void RemoveAttribute(string name)
    {
        if (Attribute(name) is not { } attribute)
            return;
        _attributes!.Remove(attribute);
        Release(attribute);
    }

    /// <summary>The integer attribute of this name.</summary>
    public long IntAttribute(string name, long defaultValue = 0) => Attribute(name) is IntAttribute a ? a.Value : defaultValue;

    /// <summary>The float attribute of this name.</summary>
    public float FloatAttribute(string name, float defaultValue = 0) => Attribute(name) is FloatAttribute a ? a.Value : defaultValue;

    /// <summary>The text attribute of this name.</summary>
    public string StringAttribute(string name, string defaultValue = "") => Attribute(name) is StringAttribute a ? a.Value : defaultValue;

    /// <summary>The integer-list attribute of this name, or null.</summary>
    public ImmutableArray<long>? IntsAttribute(string name) => Attribute(name) is IntsAttribute a ? a.Values : null;

    /// <summary>For instance <c>MatMul /encoder/MatMul (x, w) → (y)</c>.</summary>
    public override string ToString() => $"{(Domain.Length == 0 ? "" : Domain + ".")}{OpType} {Name} ({string.Join(", ", _inputs)}) → ({string.Join(", ", _outputs)})";

    internal Origin<NodeProto>? Origin { get; set; }

    internal void MoveSlot(int index, int slot) => _slots[index] = slot;

    internal void ReleaseValues()
    {
        TruncateInputs(0);
        foreach (Value? output in _outputs)
        {
            if (output is not null)
                output.Producer = null;
        }

        foreach (NodeAttribute attribute in Attributes)
            Release(attribute, always: true);
    }

    /// <summary>Lets the graphs of an attribute go, unless another node has taken them over or they are in use here still.</summary>
    private void Release(NodeAttribute attribute, bool always = false)
    {
        foreach (Graph graph in GraphsOf(attribute))
        {
            if (graph.Owner == this && (always || !Subgraphs.Contains(graph)))
                graph.Clear();
        }
    }

    private static IEnumerable<Graph> GraphsOf(NodeAttribute attribute) => attribute switch
    {
        GraphAttribute g => [g.Value],
        GraphsAttribute gs => gs.Values.AsEnumerable(),
        _ => [],
    };

    private void Adopt(NodeAttribute attribute)
    {
        foreach (Graph graph in GraphsOf(attribute))
            graph.Owner = this;
    }
}
