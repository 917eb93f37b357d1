using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting.Patterns;

/// <summary>Where rules nearly applied: for every rule the try that came furthest, and for one that is to be explained every place.</summary>
/// <param name="explained">The name of the rule that is to be explained, or null.</param>
internal sealed class NearMisses(string? explained = null)
{
    private const int MostExplained = 10;

    private readonly Dictionary<string, NearMiss> _furthest = new(StringComparer.Ordinal);
    private readonly List<RuleApplication> _applications = [];
    private readonly Dictionary<string, NearMiss> _places = new(StringComparer.Ordinal);

    /// <summary>The furthest try of each rule, by the rule's name.</summary>
    public IReadOnlyDictionary<string, NearMiss> Furthest => _furthest;

    /// <summary>What the rule that was asked for did; null where none was.</summary>
    public RuleExplanation? Explanation => explained is null ? null
        : new(explained, [.. _applications], [.. _places.Values.OrderByDescending(m => m.MatchedNodes).Take(MostExplained)]);

    /// <summary>The same so far, for a copy of the graph.</summary>
    public NearMisses Copy()
    {
        var copy = new NearMisses(explained);
        foreach ((string rule, NearMiss miss) in _furthest)
            copy._furthest.Add(rule, miss);
        foreach ((string node, NearMiss miss) in _places)
            copy._places.Add(node, miss);
        copy._applications.AddRange(_applications);
        return copy;
    }

    /// <summary>Notes a try that failed.</summary>
    public void Add(Rule rule, Node root, int matched, string reason)
    {
        if (matched < 1)
            return;
        bool isFurthest = !_furthest.TryGetValue(rule.Name, out NearMiss? known) || matched > known.MatchedNodes;
        if (!isFurthest && rule.Name != explained)
            return;
        var miss = new NearMiss(rule.Name, NameOf(root), matched, reason);
        if (isFurthest)
            _furthest[rule.Name] = miss;
        if (rule.Name == explained && (!_places.TryGetValue(miss.Node, out NearMiss? earlier) || matched > earlier.MatchedNodes))
            _places[miss.Node] = miss;
    }

    /// <summary>Notes that a rule is about to replace what it found.</summary>
    public void Apply(Rule rule, Match match)
    {
        if (rule.Name != explained)
            return;
        _applications.Add(new RuleApplication(NameOf(match.Root), [.. match.Nodes.Reverse().Select(n => $"{NameOf(n)} ({n.OpType})")]));
        foreach (Node node in match.Nodes)
            _places.Remove(NameOf(node));
    }

    private static string NameOf(Node node) => node.Name.Length > 0 ? node.Name : node.Outputs.OfType<Value>().First().Name;
}
