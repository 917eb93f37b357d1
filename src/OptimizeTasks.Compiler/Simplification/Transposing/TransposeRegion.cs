using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification.Transposing;

/// <summary>Nodes that can compute before transposes: these go, and stand behind the region, where others may take them back.</summary>
internal sealed class TransposeRegion(Graph graph)
{
    private readonly List<(Node Node, CarriedNode Carried)> _nodes = [];
    private readonly Dictionary<Node, CarriedNode> _inside = [];
    private readonly HashSet<Node> _before = [];

    /// <summary>The transposes before and behind the region.</summary>
    public IEnumerable<Node> Transposes => _before.Concat(Exits().Select(e => e.Use.Node).Where(n => n.Is("Transpose")));

    /// <summary>The transposes before the region that stand behind it as well: it cannot be moved as a whole.</summary>
    public IEnumerable<Node> TransposesInside => _before.Where(t => t.Inputs[0]!.Producer is { } producer && _inside.ContainsKey(producer));

    /// <summary>Adds a node behind those that it depends on.</summary>
    public void Add(Node node, CarriedNode carried, IEnumerable<Node> transposes)
    {
        _nodes.Add((node, carried));
        _inside.Add(node, carried);
        _before.UnionWith(transposes);
    }

    /// <summary>Whether fewer transposes remain, or fewer bytes are transposed, and neither more than before.</summary>
    public bool Pays()
    {
        var gone = new List<Value>(_before.Where(t => !t.Output.IsOutput && t.Output.Uses.All(IsInside)).Select(t => t.Output));
        var added = new List<Value>(_nodes.Where(n => !n.Carried.Output.IsIdentity).SelectMany(n => n.Node.Outputs).OfType<Value>().Where(NeedsTranspose));
        foreach ((Use use, Permutation before) in Exits())
        {
            if (Permutation.Of(use.Node) is { } next && before.Then(next).IsIdentity && use.Node.Inputs[0]!.CanStandFor(use.Node.Output))
                gone.Add(use.Node.Output);
        }

        if (added.Count > gone.Count || Bits(gone) is not { } bitsBefore || Bits(added) is not { } bitsAfter || !bitsAfter.IsAtMost(bitsBefore))
            return false;
        return added.Count < gone.Count || !bitsAfter.Equals(bitsBefore);
    }

    /// <summary>Moves the transposes.</summary>
    public void Apply()
    {
        var exits = Exits().ToArray();
        var outputs = _nodes.SelectMany(n => n.Node.Outputs.OfType<Value>().Select(o => (Value: o, n.Carried.Output, NeedsTranspose: NeedsTranspose(o)))).ToArray();
        foreach ((Node node, CarriedNode carried) in _nodes)
            Rewrite(node, carried);

        foreach ((Value value, Permutation permutation, bool needsTranspose) in outputs)
        {
            if (permutation.IsIdentity)
                continue;
            if (needsTranspose)
                PutTranspose(value, permutation);
            if (value.Type is TensorType { Shape: { } shape } type)
                value.Type = type with { Shape = new Shape(permutation.Inverse().Apply(shape)) };
        }

        foreach ((Use use, Permutation before) in exits)
        {
            if (Permutation.Of(use.Node) is not { } next)
                continue;
            Permutation both = before.Then(next);
            if (!both.IsIdentity || !use.Node.TryReplaceBy(use.Node.Inputs[0]!))
                use.Node.SetAttribute(both.ToAttribute());
        }
    }

    private static Dimension? Bits(List<Value> values)
    {
        Dimension sum = Dimension.Of(0L);
        foreach (Value value in values)
        {
            if (Sizes.Bits(value) is not { } bits)
                return null;
            sum += bits;
        }

        return sum;
    }

    private void Rewrite(Node node, CarriedNode carried)
    {
        for (int i = 0; i < carried.Inputs.Length; i++)
        {
            if (carried.Inputs[i] is not { } permutation)
                continue;
            Value input = node.Inputs[i]!;
            if (input.Constant is { } constant)
                node.SetInput(i, constant.ElementCount == 1 && constant.Rank <= permutation.Rank && !node.Is("Concat") ? input
                    : graph.AddInitializer(input.Name + "_transposed", TransposedConstants.Create(constant, permutation.Inverse())));
            else if (input.Producer!.Is("Transpose"))
                node.SetInput(i, input.Producer.Inputs[0]);
        }

        carried.Rewrite?.Invoke(node);
    }

    /// <summary>Gives those outside of the region what they had: the value behind a transpose.</summary>
    private void PutTranspose(Value value, Permutation permutation)
    {
        Node node = value.Producer!;
        Use[] outside = [.. value.Uses.Where(u => !IsInside(u) && !IsTranspose(u))];
        Value transposed = graph.Apply("Transpose", [value], value.Name + "_transposed", [permutation.ToAttribute()], before: node.Next);
        transposed.Type = value.Type;
        foreach (Use use in outside)
            use.Node.SetInput(use.Index, transposed);
        if (!value.IsOutput)
            return;

        string name = value.Name;
        value.Name = graph.UniqueName(name + "_before");
        transposed.Name = name;
        for (int i = 0; i < graph.Outputs.Count; i++)
        {
            if (graph.Outputs[i] == value)
                graph.SetOutput(i, transposed);
        }
    }

    private bool NeedsTranspose(Value value) => value.IsOutput || value.Uses.Any(u => !IsInside(u) && !IsTranspose(u));

    private bool IsInside(Use use) => _inside.TryGetValue(use.Node, out CarriedNode? carried) && carried.Inputs[use.Index] is not null;

    private bool IsTranspose(Use use) => use.Node.Graph == graph && Permutation.Of(use.Node) is not null;

    /// <summary>The transposes behind the region, with what then stands before each.</summary>
    private IEnumerable<(Use Use, Permutation Before)> Exits() =>
        from n in _nodes
        where !n.Carried.Output.IsIdentity
        from output in n.Node.Outputs
        where output is not null
        from use in output.Uses
        where IsTranspose(use)
        select (use, n.Carried.Output);
}
