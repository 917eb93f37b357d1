using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting.Patterns;

/// <summary>
/// The nodes that take the place of a match. Until <see cref="TryCommit"/> nothing uses them; a patch that is refused leaves
/// the graph as it was.
/// </summary>
internal sealed class Patch(Match match, ShapeFacts facts, CompilerOptions options)
{
    private readonly List<Node> _nodes = [];
    private readonly List<Value> _constants = [];
    private readonly List<(Value Old, Value New)> _replaced = [];

    /// <summary>The graph that the match was found in.</summary>
    public Graph Graph => match.Root.Graph!;

    /// <summary>What the user asked for.</summary>
    public CompilerOptions Options => options;

    /// <summary>Types and followed values.</summary>
    public ShapeFacts Facts => facts;

    /// <summary>Why the patch is refused; null while nothing is against it.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Whether values before the match's result were replaced: their users may stand before the new nodes.</summary>
    public bool ReplacesInnerValues => _replaced.Count > 1;

    /// <summary>A new node with one output.</summary>
    public Value Apply(string opType, IEnumerable<Value?> inputs, params IEnumerable<NodeAttribute> attributes) => Apply(opType, inputs, 1, attributes)[0];

    /// <summary>A new node with several outputs.</summary>
    public ImmutableArray<Value> Apply(string opType, IEnumerable<Value?> inputs, int outputs, params IEnumerable<NodeAttribute> attributes) =>
        ApplyIn("", opType, inputs, outputs, attributes);

    /// <summary>A new node of an operator of some domain.</summary>
    public ImmutableArray<Value> ApplyIn(string domain, string opType, IEnumerable<Value?> inputs, int outputs, params IEnumerable<NodeAttribute> attributes)
    {
        Node node = Graph.AddNode(opType, inputs, domain, before: match.Root);
        node.Name = Graph.UniqueName($"{match.Root.Output.Name}/{opType}");
        node.Provenance = [.. match.Nodes.SelectMany(n => n.Provenance.IsEmpty ? [n.Name] : n.Provenance.AsEnumerable()).Where(n => n.Length > 0).Distinct()];
        foreach (NodeAttribute attribute in attributes)
            node.SetAttribute(attribute);
        for (int i = 0; i < outputs; i++)
            node.SetOutput(i, Graph.AddValue(Graph.UniqueName(node.Name)));
        _nodes.Add(node);
        facts.Update(node);
        return [.. node.Outputs.Select(o => o!)];
    }

    /// <summary>A new constant.</summary>
    public Value Constant(string name, Tensor tensor)
    {
        Value value = Graph.AddInitializer($"{match.Root.Output.Name}/{name}", tensor);
        _constants.Add(value);
        return value;
    }

    /// <summary>Puts a value in the place of one inside the match that others use as well.</summary>
    public void Replace(Value old, Value replacement) => _replaced.Add((old, replacement));

    /// <summary>Gives up, with the reason.</summary>
    /// <returns>Null.</returns>
    public Value? Refuse(string reason)
    {
        Refusal = reason;
        return null;
    }

    /// <summary>Puts <paramref name="result"/> in the place of the match's result, or takes everything back.</summary>
    public bool TryCommit(Value? result)
    {
        if (result is not null)
        {
            _replaced.Add((match.Root.Output, result));
            Refusal = _replaced.Select(r => Difference(r.Old, r.New)).FirstOrDefault(d => d is not null);
        }

        if (Refusal is not null || result is null)
        {
            Discard();
            return false;
        }

        foreach ((Value old, Value replacement) in _replaced)
            Graph.Replace(old, replacement);
        foreach (Node node in match.Nodes)
        {
            if (node.Graph is not null && node.Outputs.All(o => o is null or { IsUnused: true }))
                node.Graph.Remove(node);
        }
        return true;
    }

    private static string? Difference(Value old, Value replacement)
    {
        if (!replacement.CanStandFor(old))
            return $"'{old.Name}' is an output that '{replacement.Name}' cannot stand for";
        if (replacement.ElementType != ElementType.Undefined && old.ElementType != ElementType.Undefined && replacement.ElementType != old.ElementType)
            return $"'{old.Name}' is {old.ElementType}, and the result would be {replacement.ElementType}";
        return replacement.Shape is { } now && old.Shape is { } before && now.Rank != before.Rank ? $"the result would have rank {now.Rank} in place of {before.Rank}" : null;
    }

    private void Discard()
    {
        for (int i = _nodes.Count - 1; i >= 0; i--)
            Graph.Remove(_nodes[i]);
        foreach (Value constant in _constants)
            constant.Graph.RemoveIfDead(constant);
    }
}
