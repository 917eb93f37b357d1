using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting.Patterns;

/// <summary>An attempt to find a formula at a node: what stands for what so far, and how far the best try came. There are many: one object serves them all.</summary>
internal sealed class Matching
{
    /// <summary>Far more than any formula takes; a bound for inputs made to keep the matcher busy.</summary>
    private const int MostSteps = 20_000;

    private readonly Dictionary<Pattern, Value> _values = [];
    private readonly List<(Node Node, bool IsShareable)> _nodes = [];
    private int _steps;

    /// <summary>The graph that all nodes of the match stand in.</summary>
    public Graph Graph { get; private set; } = null!;

    /// <summary>The nodes matched so far, the root first; one may stand here twice.</summary>
    public IReadOnlyList<(Node Node, bool IsShareable)> Nodes => _nodes;

    /// <summary>How many nodes the furthest try matched before it failed.</summary>
    public int FurthestCount { get; private set; } = -1;

    /// <summary>Where and why the furthest try failed.</summary>
    public string FurthestReason { get; private set; } = "";

    /// <summary>Begins an attempt, and forgets the last one.</summary>
    public void Begin(Graph graph)
    {
        Graph = graph;
        _values.Clear();
        _nodes.Clear();
        _steps = 0;
        FurthestCount = -1;
        FurthestReason = "";
    }

    /// <summary>The value that a part of the formula stands for; null where it stands for none.</summary>
    public Value? ValueOf(Pattern pattern) => _values.GetValueOrDefault(pattern);

    /// <summary>Counts; false once there were too many.</summary>
    public bool TakeStep() => ++_steps <= MostSteps;

    public void Bind(Pattern pattern, Value value) => _values[pattern] = value;

    public void Unbind(Pattern pattern) => _values.Remove(pattern);

    public void Push(Node node, bool isShareable) => _nodes.Add((node, isShareable));

    public void Pop() => _nodes.RemoveAt(_nodes.Count - 1);

    /// <summary>Notes why a try failed, if none came further.</summary>
    /// <returns>False.</returns>
    public bool Refuse(Value value, string reason)
    {
        if (_nodes.Count > FurthestCount)
        {
            FurthestCount = _nodes.Count;
            FurthestReason = $"'{value.Name}' {reason}";
        }

        return false;
    }

    /// <summary>Notes that another operator was expected. Most tries fail so: nothing is written unless it is needed.</summary>
    /// <returns>False.</returns>
    public bool RefuseOperator(Value value, string opType) => _nodes.Count > FurthestCount
        && Refuse(value, value.Producer is { } node ? $"is computed by {node.OpType} ('{node.Name}'), not by {opType}" : $"is {(value.Constant is null ? "an input" : "a constant")}, not computed by {opType}");
}
