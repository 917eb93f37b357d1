using System.Collections.Immutable;
using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Onnx.Writing;

namespace OptimizeTasks.Onnx;

/// <summary>A use of a value: input number <paramref name="Index"/> of <paramref name="Node"/>.</summary>
public readonly record struct Use(Node Node, int Index);

/// <summary>
/// A named value of a graph: a graph input, an initializer, or an output of a node. Knows its producer and every use,
/// those in subgraphs included.
/// </summary>
public sealed class Value
{
    private List<Use>? _uses;
    private string _name;

    internal Value(Graph graph, string name)
    {
        Graph = graph;
        _name = name;
    }

    /// <summary>The graph that the value belongs to; its subgraphs may use it too.</summary>
    public Graph Graph { get; }

    /// <summary>The name, unique among the values of the graph.</summary>
    public string Name
    {
        get => _name;
        set
        {
            Graph.Rename(this, value);
            _name = value;
        }
    }

    /// <summary>The type, as far as it is known; null where nothing is.</summary>
    public OnnxType? Type { get; set; }

    /// <summary>The shape, if the value is a tensor of known rank.</summary>
    public Shape? Shape => (Type as TensorType)?.Shape;

    /// <summary>The element type, if the value is a tensor.</summary>
    public ElementType ElementType => (Type as TensorType)?.ElementType ?? ElementType.Undefined;

    /// <summary>The node that computes the value, or null.</summary>
    public Node? Producer { get; internal set; }

    /// <summary>The number among the producer's outputs.</summary>
    public int OutputIndex { get; internal set; }

    /// <summary>The value's initializer, or null. An input with an initializer is overridable: see <see cref="Constant"/>.</summary>
    public Tensor? Initializer { get; internal set; }

    /// <summary>The value's initializer, if it is a sparse one; to operators it is dense.</summary>
    public SparseTensor? SparseInitializer { get; internal set; }

    /// <summary>Whether the value is an input of its graph.</summary>
    public bool IsInput { get; internal set; }

    /// <summary>Whether the value stands in the graph's list of initializers, perhaps still.</summary>
    internal bool IsListed { get; set; }

    /// <summary>How often the value stands among the outputs of graphs.</summary>
    internal int OutputCount { get; set; }

    /// <summary>Whether the value is an output of its graph (or of a subgraph).</summary>
    public bool IsOutput => OutputCount > 0;

    /// <summary>The tensor, if the value is the same in every run: an initializer that no caller can override.</summary>
    public Tensor? Constant => IsInput ? null : Initializer;

    /// <summary>Every use as a node's input, in this graph and in subgraphs, in no order that means anything.</summary>
    public IReadOnlyList<Use> Uses => _uses is null ? [] : _uses;

    /// <summary>Whether neither a node nor a graph's output uses the value.</summary>
    public bool IsUnused => _uses is not { Count: > 0 } && OutputCount == 0;

    /// <summary>Documentation in the file, or null.</summary>
    public string? DocString { get; set; }

    /// <summary>Free metadata of the value.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Metadata { get; set; } = [];

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    /// <summary>The messages that describe the value in the file, where they say more than the value does.</summary>
    internal ImmutableDictionary<ValueRole, Origin<ValueInfoProto>> Origins { get; set; } = ImmutableDictionary<ValueRole, Origin<ValueInfoProto>>.Empty;

    /// <returns>The slot in the list of uses, by which the use is removed.</returns>
    internal int AddUse(Use use)
    {
        // Most values have one.
        _uses ??= new List<Use>(1);
        _uses.Add(use);
        return _uses.Count - 1;
    }

    /// <summary>The last use takes the slot: a value can have a hundred thousand of them.</summary>
    internal void RemoveUse(int slot)
    {
        Use last = _uses![^1];
        _uses[slot] = last;
        last.Node.MoveSlot(last.Index, slot);
        _uses.RemoveAt(_uses.Count - 1);
    }
}
