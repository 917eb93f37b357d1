using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting.Patterns;

/// <summary>Where rules nearly applied: for every rule the try that came furthest.</summary>
internal sealed class NearMisses
{
    private readonly Dictionary<string, NearMiss> _furthest = new(StringComparer.Ordinal);

    /// <summary>The furthest try of each rule, by the rule's name.</summary>
    public IReadOnlyDictionary<string, NearMiss> Furthest => _furthest;

    /// <summary>Notes a try that failed.</summary>
    public void Add(Rule rule, Node root, int matched, string reason)
    {
        if (matched >= 1 && (!_furthest.TryGetValue(rule.Name, out NearMiss? known) || matched > known.MatchedNodes))
            _furthest[rule.Name] = new NearMiss(rule.Name, root.Name.Length > 0 ? root.Name : root.Output.Name, matched, reason);
    }
}
