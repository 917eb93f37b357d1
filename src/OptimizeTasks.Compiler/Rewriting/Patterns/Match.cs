using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting.Patterns;

/// <summary>A formula that was found: which value each of its parts stands for.</summary>
internal sealed class Match
{
    private readonly Matching _matching;

    public Match(Node root, Matching matching)
    {
        Root = root;
        _matching = matching;
        Nodes = [.. matching.Nodes.Select(n => n.Node).Distinct()];
    }

    /// <summary>The node that computes the formula's result.</summary>
    public Node Root { get; }

    /// <summary>The nodes of the formula, each once, the root first.</summary>
    public ImmutableArray<Node> Nodes { get; }

    /// <summary>The value that the part stands for.</summary>
    public Value this[Pattern pattern] => _matching.ValueOf(pattern) ?? throw new InvalidOperationException("That part of the formula was not matched.");

    /// <summary>The value that the part stands for; null where another alternative was taken.</summary>
    public Value? Find(Pattern pattern) => _matching.ValueOf(pattern);

    /// <summary>Whether the part was matched, where it stands in one of several alternatives.</summary>
    public bool Has(Pattern pattern) => _matching.ValueOf(pattern) is not null;

    /// <summary>Why the nodes cannot be taken away: a value inside that is used outside, and is not among the replaced ones. Null where they can.</summary>
    public string? OutsideUse(IReadOnlyCollection<Value> replaced)
    {
        var inside = Nodes.ToHashSet();
        foreach ((Node node, bool isShareable) in _matching.Nodes)
        {
            if (isShareable || node == Root)
                continue;
            foreach (Value output in node.Outputs.OfType<Value>().Where(o => !replaced.Contains(o)))
            {
                if (output.IsOutput)
                    return $"'{output.Name}' is an output of the graph";
                if (output.Uses.FirstOrDefault(u => !inside.Contains(u.Node)).Node is { } other)
                    return $"'{output.Name}' is used by '{other.Name}' ({other.OpType}) as well";
            }
        }

        return null;
    }
}
