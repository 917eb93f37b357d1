using System.Collections.Immutable;
using System.Globalization;
using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Onnx.Writing;

namespace OptimizeTasks.Onnx;

/// <summary>
/// Nodes in a topological order and the values between them. A graph inside a node's attribute is a subgraph: its nodes
/// may use the values of the graphs around it.
/// </summary>
public sealed class Graph
{
    private readonly Dictionary<string, Value> _values = new(StringComparer.Ordinal);
    private readonly List<Value> _inputs = [];
    private readonly List<Value> _outputs = [];
    private readonly List<Value> _initializers = [];
    private readonly List<Value> _sparseInitializers = [];
    // How many values of this graph, the graphs around it and inside it have a name.
    private readonly Dictionary<string, int> _names;
    private bool _hasRemovedInitializers;
    private int _nodeCount;

    /// <summary>An empty graph. A subgraph is given its outer graph before it is filled.</summary>
    public Graph(string name = "", Graph? outer = null)
    {
        Name = name;
        Outer = outer;
        _names = outer?._names ?? new(StringComparer.Ordinal);
    }

    /// <summary>The graph's name.</summary>
    public string Name { get; set; }

    /// <summary>Documentation in the file, or null.</summary>
    public string? DocString { get; set; }

    /// <summary>Free metadata of the graph.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Metadata { get; set; } = [];

    /// <summary>The node that holds this subgraph; null for the main graph and a function's body.</summary>
    public Node? Owner { get; internal set; }

    /// <summary>The graph around this subgraph, or null.</summary>
    public Graph? Outer { get; }

    /// <summary>The inputs, in order. An input may have an initializer: a default that the caller can override.</summary>
    public IReadOnlyList<Value> Inputs => _inputs;

    /// <summary>The outputs, in order.</summary>
    public IReadOnlyList<Value> Outputs => _outputs;

    /// <summary>The values with an initializer, in order.</summary>
    public IReadOnlyList<Value> Initializers
    {
        get
        {
            DropRemovedInitializers();
            return _initializers;
        }
    }

    /// <summary>The values with a sparse initializer, in order.</summary>
    public IReadOnlyList<Value> SparseInitializers => _sparseInitializers;

    /// <summary>Every value that belongs to this graph.</summary>
    public IReadOnlyCollection<Value> Values => _values.Values;

    /// <summary>The first node.</summary>
    public Node? First { get; private set; }

    /// <summary>The last node.</summary>
    public Node? Last { get; private set; }

    /// <summary>The number of nodes, those of subgraphs not counted.</summary>
    public int NodeCount => _nodeCount;

    /// <summary>The nodes in order. The current node may be removed, and nodes inserted, while this runs.</summary>
    public IEnumerable<Node> Nodes
    {
        get
        {
            Node? next;
            for (Node? node = First; node is not null; node = next)
            {
                next = node.Next;
                yield return node;
                // Nodes put behind the current one are seen too; a removed node no longer knows its neighbour.
                if (node.Graph == this)
                    next = node.Next;
            }
        }
    }

    /// <summary>The nodes of this graph and of all graphs inside, a node before those inside it.</summary>
    public IEnumerable<Node> AllNodes()
    {
        foreach (Node node in Nodes)
        {
            yield return node;
            foreach (Graph subgraph in node.Subgraphs)
            {
                foreach (Node inner in subgraph.AllNodes())
                    yield return inner;
            }
        }
    }

    /// <summary>The value of this name, here or in the graphs around; null where there is none.</summary>
    public Value? Find(string name) => _values.TryGetValue(name, out Value? value) ? value : Outer?.Find(name);

    /// <summary>The value of this name that belongs to this graph itself, or null.</summary>
    public Value? FindOwn(string name) => _values.GetValueOrDefault(name);

    /// <summary>A new value that nothing produces yet.</summary>
    /// <exception cref="ModelFormatException">The graph has a value of this name.</exception>
    public Value AddValue(string name, OnnxType? type = null)
    {
        if (name.Length == 0)
            throw new ModelFormatException("A value has no name.");
        var value = new Value(this, name) { Type = type };
        if (!_values.TryAdd(name, value))
            throw new ModelFormatException($"Two values are named '{name}'.");
        CountName(name, 1);
        return value;
    }

    /// <summary>A new input, after the others.</summary>
    public Value AddInput(string name, OnnxType? type = null)
    {
        Value value = AddValue(name, type);
        value.IsInput = true;
        _inputs.Add(value);
        return value;
    }

    /// <summary>Makes a value an output, after the others.</summary>
    public void AddOutput(Value value)
    {
        value.OutputCount++;
        _outputs.Add(value);
    }

    /// <summary>Removes the input; it must be unused.</summary>
    public void RemoveInput(Value value)
    {
        _inputs.Remove(value);
        value.IsInput = false;
        RemoveIfDead(value);
    }

    /// <summary>Makes constants of inputs that have an initializer: no caller can override them any more.</summary>
    public void FixInputs(IReadOnlyCollection<Value> inputs)
    {
        foreach (Value input in inputs)
        {
            Tensor tensor = input.Initializer ?? throw new InvalidOperationException($"'{input.Name}' has no initializer.");
            input.IsInput = false;
            input.Type = new TensorType(tensor.ElementType, tensor.Shape);
        }

        _inputs.RemoveAll(i => !i.IsInput);
    }

    /// <summary>Replaces the output of this number.</summary>
    public void SetOutput(int index, Value value)
    {
        _outputs[index].OutputCount--;
        _outputs[index] = value;
        value.OutputCount++;
    }

    /// <summary>Removes the output of this number.</summary>
    public void RemoveOutput(int index)
    {
        _outputs[index].OutputCount--;
        _outputs.RemoveAt(index);
    }

    /// <summary>A new value with this constant. The name is made unique where it is taken.</summary>
    public Value AddInitializer(string name, Tensor tensor)
    {
        Value value = AddValue(UniqueName(name));
        SetInitializer(value, tensor);
        return value;
    }

    /// <summary>Gives a value an initializer, or takes it away.</summary>
    public void SetInitializer(Value value, Tensor? tensor)
    {
        if (tensor is null)
        {
            _hasRemovedInitializers |= value.IsListed;
        }
        else if (!value.IsListed)
        {
            _initializers.Add(value);
            value.IsListed = true;
        }

        value.Initializer = tensor;
        if (tensor is not null && !value.IsInput)
            value.Type = new TensorType(tensor.ElementType, tensor.Shape);
    }

    /// <summary>A new value with this sparse constant.</summary>
    /// <exception cref="ModelFormatException">The graph has a value of this name.</exception>
    public Value AddSparseInitializer(string name, SparseTensor tensor)
    {
        Value value = AddValue(name, new TensorType(tensor.Values.ElementType, Shape.Of(tensor.Dimensions.AsSpan())));
        value.SparseInitializer = tensor;
        _sparseInitializers.Add(value);
        return value;
    }

    /// <summary>A new node before <paramref name="before"/>, or at the end. Its outputs are set by <see cref="Node.SetOutput"/>.</summary>
    public Node AddNode(string opType, IEnumerable<Value?> inputs, string domain = "", Node? before = null)
    {
        var node = new Node(this, opType, domain, inputs.TryGetNonEnumeratedCount(out int count) ? count : 0);
        int index = 0;
        foreach (Value? input in inputs)
            node.SetInput(index++, input);
        Insert(node, before);
        return node;
    }

    /// <summary>A new node with one new output, before <paramref name="before"/> or at the end; returns the output.</summary>
    public Value Apply(string opType, IEnumerable<Value?> inputs, string outputName, IEnumerable<NodeAttribute>? attributes = null, string domain = "", Node? before = null)
    {
        Node node = AddNode(opType, inputs, domain, before);
        foreach (NodeAttribute attribute in attributes ?? [])
            node.SetAttribute(attribute);
        Value output = AddValue(UniqueName(outputName));
        node.SetOutput(0, output);
        node.Name = output.Name;
        return output;
    }

    /// <summary>Removes a node whose outputs are unused, and with it those values. Its inputs stay, used or not.</summary>
    public void Remove(Node node)
    {
        foreach (Value? output in node.Outputs)
        {
            if (output is { IsUnused: false })
                throw new InvalidOperationException($"'{output.Name}' is used.");
        }

        Unlink(node);
        Value?[] outputs = [.. node.Outputs];
        node.ReleaseValues();
        foreach (Value? output in outputs)
        {
            if (output is not null)
                RemoveIfDead(output);
        }
    }

    /// <summary>Moves a node of this graph before another one.</summary>
    public void MoveBefore(Node node, Node before)
    {
        if (node == before)
            return;
        Unlink(node);
        node.Graph = this;
        Insert(node, before);
    }

    /// <summary>
    /// Replaces every use of <paramref name="old"/> by <paramref name="replacement"/>. Where the old value is a graph's
    /// output, its name stays the output's name: the replacement takes it over, or, where it cannot (it is an input, an
    /// initializer or an output itself, or of another graph or type), an <c>Identity</c> gives it.
    /// </summary>
    public void Replace(Value old, Value replacement)
    {
        foreach (Use use in old.Uses.ToArray())
            use.Node.SetInput(use.Index, replacement);
        if (!old.IsOutput)
            return;

        Graph graph = old.Graph;
        if (replacement.Producer is null || replacement.Graph != graph || replacement.IsOutput)
        {
            PutIdentity(graph, old, replacement);
            return;
        }

        string name = old.Name;
        old.Name = graph.UniqueName(name + "_replaced");
        replacement.Name = name;
        replacement.Type = old.Type ?? replacement.Type;
        replacement.DocString = old.DocString;
        replacement.Metadata = old.Metadata;
        for (int i = 0; i < graph._outputs.Count; i++)
        {
            if (graph._outputs[i] == old)
                graph.SetOutput(i, replacement);
        }
    }

    /// <summary>Removes a value that nothing produces and nothing uses, and its initializer; anything else stays.</summary>
    /// <returns>Whether the value was removed.</returns>
    public bool RemoveIfDead(Value value)
    {
        if (!value.IsUnused || value.Producer is not null || value.IsInput)
            return false;
        if (value.Initializer is not null)
            SetInitializer(value, null);
        if (value.SparseInitializer is not null)
            _sparseInitializers.Remove(value);
        if (!_values.Remove(value.Name))
            return false;
        CountName(value.Name, -1);
        return true;
    }

    /// <summary>The name itself, or the name with a number where a value here or in the graphs around or inside has it.</summary>
    public string UniqueName(string name)
    {
        string candidate = name;
        while (candidate.Length == 0 || _names.ContainsKey(candidate))
            candidate = name + "_" + (++LastNumber).ToString(CultureInfo.InvariantCulture);
        return candidate;
    }

    /// <summary>Orders the nodes so that every value is produced before its use, keeping the given order where it can.</summary>
    /// <exception cref="ModelFormatException">The graph has a cycle.</exception>
    public void Sort() => TopologicalOrder.Sort(this);

    internal Origin<GraphProto>? Origin { get; set; }

    /// <summary>The number that a name was made unique with last.</summary>
    internal int LastNumber { get; set; }

    /// <summary>Makes room for so many more values.</summary>
    internal void Reserve(int values)
    {
        _values.EnsureCapacity(_values.Count + values);
        _names.EnsureCapacity(_names.Count + values);
    }

    /// <summary>The values that the file describes in <c>value_info</c>, in order.</summary>
    internal List<Description> Descriptions { get; } = [];

    internal void Reorder(IReadOnlyList<Node> order)
    {
        First = Last = null;
        _nodeCount = 0;
        foreach (Node node in order)
        {
            node.Previous = node.Next = null;
            Insert(node, null);
        }
    }

    internal void Rename(Value value, string name)
    {
        if (name == value.Name)
            return;
        if (!_values.TryAdd(name, value))
            throw new InvalidOperationException($"Two values would be named '{name}'.");
        _values.Remove(value.Name);
        CountName(name, 1);
        CountName(value.Name, -1);
    }

    /// <summary>Lets go of everything outside, when the node that holds the graph is removed.</summary>
    internal void Clear()
    {
        foreach (Node node in Nodes)
            node.ReleaseValues();
        foreach (Value output in _outputs)
            output.OutputCount--;
        _outputs.Clear();
        foreach (string name in _values.Keys)
            CountName(name, -1);
        _values.Clear();
        First = Last = null;
        _nodeCount = 0;
    }

    private static void PutIdentity(Graph graph, Value old, Value replacement)
    {
        if (old.Producer is { } producer)
        {
            // The old producer keeps a value of another name, so that it can be removed.
            int index = old.OutputIndex;
            producer.SetOutput(index, null);
            producer.SetOutput(index, graph.AddValue(graph.UniqueName(old.Name + "_replaced"), old.Type));
        }

        Node identity = graph.AddNode("Identity", [replacement]);
        identity.Name = old.Name;
        identity.SetOutput(0, old);
    }

    private void CountName(string name, int change)
    {
        int count = _names.GetValueOrDefault(name) + change;
        if (count == 0)
            _names.Remove(name);
        else
            _names[name] = count;
    }

    /// <summary>All at once: one by one, removing them would take quadratic time.</summary>
    private void DropRemovedInitializers()
    {
        if (!_hasRemovedInitializers)
            return;
        _hasRemovedInitializers = false;
        _initializers.RemoveAll(value => !(value.IsListed = value.Initializer is not null));
    }

    private void Insert(Node node, Node? before)
    {
        if (before is null)
        {
            node.Previous = Last;
            node.Next = null;
            if (Last is null)
                First = node;
            else
                Last.Next = node;
            Last = node;
        }
        else
        {
            node.Previous = before.Previous;
            node.Next = before;
            if (before.Previous is null)
                First = node;
            else
                before.Previous.Next = node;
            before.Previous = node;
        }

        _nodeCount++;
    }

    private void Unlink(Node node)
    {
        if (node.Previous is null)
            First = node.Next;
        else
            node.Previous.Next = node.Next;
        if (node.Next is null)
            Last = node.Previous;
        else
            node.Next.Previous = node.Previous;
        node.Previous = node.Next = null;
        node.Graph = null;
        _nodeCount--;
    }
}
