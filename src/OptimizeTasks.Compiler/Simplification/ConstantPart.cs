using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>Nodes of a graph that compute from constants alone, and what of theirs other nodes use.</summary>
internal sealed class ConstantPart
{
    private ConstantPart(IReadOnlyList<Node> nodes, IReadOnlyList<Node> replaced)
    {
        Nodes = nodes;
        Replaced = replaced;
        HashSet<Node> gone = [.. replaced];
        Results = [.. nodes.Where(gone.Contains).SelectMany(n => n.Outputs).OfType<Value>().Where(o => o.Uses.Any(u => !gone.Contains(u.Node)))];
        OutputBytes = nodes.Sum(n => BytesOfOutputs(n)!.Value);
        Work = nodes.Sum(FoldingWork.Of);
    }

    /// <summary>The nodes that are computed, in order.</summary>
    public IReadOnlyList<Node> Nodes { get; }

    /// <summary>
    /// The nodes that the results replace, in order, and those that nothing uses. Others are computed for them but stay as
    /// well: what they give to other nodes is not worth storing.
    /// </summary>
    public IReadOnlyList<Node> Replaced { get; }

    /// <summary>The values that other nodes than the replaced ones use.</summary>
    public IReadOnlyList<Value> Results { get; }

    /// <summary>The bytes of all outputs together.</summary>
    public long OutputBytes { get; }

    /// <summary>The steps that computing it takes.</summary>
    public double Work { get; }

    /// <summary>The first nodes of the part.</summary>
    public ConstantPart Take(int count)
    {
        Node[] first = [.. Nodes.Take(count)];
        return new ConstantPart(first, first);
    }

    /// <summary>What can be computed at once; null where there is nothing, or nothing is worth it.</summary>
    /// <param name="graph">The graph; its subgraphs are others.</param>
    /// <param name="except">Nodes that cannot be computed.</param>
    /// <param name="largest">The bytes that it may read and produce.</param>
    /// <param name="mostWork">The steps that it may take.</param>
    /// <param name="pays">Whether a result may be stored, given the bytes of the constants that go with its nodes, and whether it only repeats.</param>
    public static ConstantPart? Find(Graph graph, HashSet<Node> except, long largest, double mostWork, Func<Value, long, bool, bool> pays)
    {
        var candidates = new List<Node>();
        var known = new HashSet<Value>();
        long total = 0;
        double work = 0;
        foreach (Node node in graph.Nodes)
        {
            if (except.Contains(node) || !IsComputable(node) || BytesOfOutputs(node) is not { } bytes
                || !node.Inputs.All(i => i is null || i.Constant is not null || known.Contains(i)))
                continue;
            long read = node.Inputs.OfType<Value>().Where(i => i.Constant is not null && known.Add(i)).Sum(i => i.Constant!.ByteLength);
            double steps = FoldingWork.Of(node);
            if (bytes > largest - total - read || steps > mostWork - work)
                continue;
            total += bytes + read;
            work += steps;
            candidates.Add(node);
            known.UnionWith(node.Outputs.OfType<Value>());
        }

        ConstantPart part = Worthwhile(candidates, pays);
        return part.Nodes.Count == 0 ? null : part;
    }

    /// <summary>The bytes of a value, if they are known.</summary>
    public static long? Bytes(Value value)
    {
        if (value.Constant is { } tensor)
            return tensor.ByteLength;
        if (value.ElementType is ElementType.Undefined or ElementType.String || value.Shape is not { } shape || !shape.TryGetSizes(out long[] sizes))
            return null;
        try
        {
            return value.ElementType.ByteLength(sizes.Aggregate(1L, (a, b) => checked(a * b)));
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>Without the nodes whose results are not worth storing; what these used of others may become a result, and so on.</summary>
    private static ConstantPart Worthwhile(List<Node> candidates, Func<Value, long, bool, bool> pays)
    {
        HashSet<Node> computed = [], replaced = [];
        Dictionary<Node, long> freed = FreedBytes(candidates);
        HashSet<Value> repeated = Repetitions(candidates);
        foreach (Node node in Enumerable.Reverse(candidates))
        {
            Value[] used = [.. node.Outputs.OfType<Value>().Where(o => o.Uses.Count > 0)];
            Value[] results = [.. used.Where(o => o.Uses.Any(u => !replaced.Contains(u.Node)))];
            bool needed = used.Any(o => o.Uses.Any(u => computed.Contains(u.Node)));
            bool stored = results.Length > 0 && results.All(r => pays(r, freed[node], repeated.Contains(r)));
            if (needed || stored)
                computed.Add(node);
            // What nothing uses is not computed, and goes.
            if (stored || results.Length == 0)
                replaced.Add(node);
        }

        return new ConstantPart([.. candidates.Where(computed.Contains)], [.. candidates.Where(replaced.Contains)]);
    }

    /// <summary>For each node the bytes of the constants that only it and the nodes before it use.</summary>
    private static Dictionary<Node, long> FreedBytes(List<Node> candidates)
    {
        var freed = new Dictionary<Node, long>();
        foreach (Node node in candidates)
        {
            freed[node] = node.Inputs.OfType<Value>().Where(i => i is { IsOutput: false, Uses.Count: 1 })
                .Sum(i => i.Constant?.ByteLength ?? (i.Producer is { } producer ? freed.GetValueOrDefault(producer) : 0));
        }

        return freed;
    }

    /// <summary>The values that hold few numbers many times.</summary>
    private static HashSet<Value> Repetitions(List<Node> candidates)
    {
        var repeated = new HashSet<Value>();
        foreach (Node node in candidates)
        {
            bool repeats = node.OpType is "ConstantOfShape" or "Expand" or "Tile" or "Range" or "EyeLike" or "OneHot";
            if (repeats || (node.OpType is "Cast" or "Reshape" or "Transpose" or "Squeeze" or "Unsqueeze" or "Flatten" or "Identity" or "Neg" or "Not"
                && node.Input(0) is { } data && repeated.Contains(data)))
                repeated.UnionWith(node.Outputs.OfType<Value>());
        }

        return repeated;
    }

    private static bool IsComputable(Node node) => node.OpType is not ("DequantizeLinear" or "Constant") && !node.Subgraphs.Any() && node.IsDeterministic()
        && !node.Outputs.Any(o => o is { IsOutput: true });

    private static long? BytesOfOutputs(Node node)
    {
        long sum = 0;
        foreach (Value output in node.Outputs.OfType<Value>())
        {
            if (Bytes(output) is not { } bytes || bytes > long.MaxValue - sum)
                return null;
            sum += bytes;
        }

        return sum;
    }
}
