namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Walks graphs, applies the operators' rules, and keeps what they find.</summary>
internal sealed class GraphInference
{
    /// <summary>Operators cannot make tensors of a greater rank: no runtime takes them, and hostile graphs could make them huge.</summary>
    public const int MaxRank = 64;

    /// <summary>Subgraphs nested deeper keep their declared types.</summary>
    private const int MaxDepth = 32;

    private readonly SortedDictionary<string, long> _opsets = new(StringComparer.Ordinal);
    private readonly Dictionary<Value, TrackedTensor?> _tracked = [];
    private readonly Dictionary<Value, IReadOnlyList<OnnxType?>> _contents = [];
    private readonly Dictionary<Dimension, Dimension> _sizes = [];
    private readonly List<ShapeConflict> _conflicts = [];
    private int _depth;

    private readonly bool _initializersAreConstant;

    public GraphInference(IEnumerable<KeyValuePair<string, long>> opsets, bool initializersAreConstant)
    {
        _initializersAreConstant = initializersAreConstant;
        foreach ((string domain, long version) in opsets)
            _opsets[domain] = version;
    }

    public IReadOnlyList<ShapeConflict> Conflicts => _conflicts;

    /// <summary>What must be true if the nodes up to here can run.</summary>
    public KnownEqualities Known { get; } = new();

    /// <summary>How many bodies of loops stand around the node: each is walked twice, which must not multiply without end.</summary>
    public int LoopDepth { get; set; }

    public void InferMain(Graph graph)
    {
        OnnxType?[] declared = [.. graph.Outputs.Select(o => o.Type)];
        Infer(graph);
        OutputNames.Keep(graph, declared);
    }

    public void Infer(Graph graph)
    {
        if (_depth == MaxDepth)
            return;
        _depth++;
        // What holds where a branch is taken need not hold outside.
        int known = Known.Count;
        foreach (Node node in graph.Nodes)
            Infer(node);
        if (_depth > 1)
            Known.ForgetFrom(known);
        _depth--;
    }

    public void Infer(Node node)
    {
        (string Domain, string OpType) key = (node.Domain, node.OpType);
        var inference = new NodeInference(this, node, _opsets.GetValueOrDefault(node.Domain, long.MaxValue));
        foreach (Value? output in node.Outputs)
        {
            if (output is not null)
                Forget(output);
        }

        if (!OperatorTable.Instance.Types.TryGetValue(key, out TypeRule? rule))
        {
            foreach (Graph subgraph in node.Subgraphs)
                Infer(subgraph);
            return;
        }

        rule(inference);
        if (OperatorTable.Instance.Values.TryGetValue(key, out ValueRule? values) && inference.IsTrackable(0))
            values(inference);
    }

    /// <summary>The elements of a small tensor, if they are followed.</summary>
    public TrackedTensor? Tracked(Value value)
    {
        if (_tracked.TryGetValue(value, out TrackedTensor? tensor))
            return tensor;
        if (Constant(value) is not { } constant)
            return null;
        tensor = TrackedTensor.Read(constant);
        _tracked[value] = tensor;
        return tensor;
    }

    public void ForgetConflictsFrom(int count) => _conflicts.RemoveRange(count, _conflicts.Count - count);

    /// <summary>The value's tensor, if it is the same in every run.</summary>
    public Tensor? Constant(Value value) => _initializersAreConstant ? value.Initializer : value.Constant;

    /// <summary>Sets what is known of a subgraph's input; what an earlier walk knew is forgotten.</summary>
    public void SetInput(Value input, OnnxType? type)
    {
        Forget(input);
        if (type is not null)
            input.Type = type;
    }

    public void Track(Value value, TrackedTensor tensor) => _tracked[value] = tensor;

    /// <summary>Stops following the value's elements.</summary>
    public void Forget(Value value)
    {
        _tracked.Remove(value);
        _contents.Remove(value);
    }

    /// <summary>The types of a sequence's elements, one by one, if they are followed.</summary>
    public IReadOnlyList<OnnxType?>? Contents(Value sequence) => _contents.GetValueOrDefault(sequence);

    public void SetContents(Value sequence, IReadOnlyList<OnnxType?> types) => _contents[sequence] = types;

    /// <summary>Puts an inferred type in place of the declared one, of which stays what is not contradicted.</summary>
    public void SetType(Value value, OnnxType inferred)
    {
        OnnxType? declared = value.Type;
        if (inferred is TensorType tensor)
            inferred = Merge(tensor with { Shape = Legal(Known.Simplify(tensor.Shape)) }, declared as TensorType);
        if (inferred.Equals(declared))
            return;
        if (declared is not null && Contradict(declared, inferred))
            _conflicts.Add(new ShapeConflict(value, declared, inferred));
        value.Type = inferred;
    }

    private static TensorType Merge(TensorType inferred, TensorType? declared)
    {
        if (declared is null)
            return inferred;
        ElementType type = inferred.ElementType == ElementType.Undefined ? declared.ElementType : inferred.ElementType;
        Shape? shape = inferred.Shape ?? declared.Shape;
        if (inferred.Shape is { } a && declared.Shape is { } b && a.Rank == b.Rank)
            shape = Merge(a, b);
        return new TensorType(type, shape) { Denotation = declared.Denotation };
    }

    private static Shape Merge(Shape inferred, Shape declared)
    {
        bool changed = false;
        var merged = new Dimension[inferred.Rank];
        for (int i = 0; i < merged.Length; i++)
        {
            bool keep = !inferred[i].IsKnown && declared[i].IsKnown;
            changed |= keep;
            merged[i] = keep ? declared[i] : inferred[i];
        }

        return changed ? new Shape(merged) : inferred;
    }

    /// <summary>Takes away what cannot be a shape.</summary>
    private Shape? Legal(Shape? shape)
    {
        if (shape is null || shape.Rank > MaxRank)
            return null;
        return shape.All(IsLegal) ? shape : new Shape(shape.Select(d => IsLegal(d) ? d : SizeOf(d)));

        // An integer that is not known at all may be negative; as a size it is another unknown. So is a name too long to be repeated.
        static bool IsLegal(Dimension dimension) => dimension.TryGetValue(out long size) ? size >= 0 : dimension.Weight <= Expressions.Polynomials.MaxWeight + 1 && (dimension.IsKnown || dimension.Bounds.Min >= 0);
    }

    /// <summary>The unknown size that an integer of unknown sign is where it stands in a shape: the same one everywhere.</summary>
    private Dimension SizeOf(Dimension integer)
    {
        if (integer.IsConstant)
            return Dimension.Unknown();
        if (!_sizes.TryGetValue(integer, out Dimension? size))
            _sizes[integer] = size = Dimension.Unknown();
        return size;
    }

    private static bool Contradict(OnnxType declared, OnnxType inferred)
    {
        if (declared is not TensorType a || inferred is not TensorType b)
            return declared.GetType() != inferred.GetType();
        if (a.ElementType != b.ElementType && a.ElementType != ElementType.Undefined)
            return true;
        if (a.Shape is not { } x || b.Shape is not { } y)
            return false;
        return x.Rank != y.Rank || x.Zip(y).Any(pair => pair.First.IsConstant && pair.Second.IsConstant && !pair.First.Equals(pair.Second));
    }
}
