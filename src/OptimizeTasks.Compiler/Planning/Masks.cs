using System.Collections.Frozen;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>Values with huge numbers that stand for infinity: what hides positions from Softmax.</summary>
internal sealed class Masks
{
    /// <summary>The largest constant that is looked into: a causal mask of 1024 positions.</summary>
    private const long MostElements = 1 << 20;

    private static readonly FrozenSet<string> s_making =
        "Add Sub Mul Where Max Min Clip Cast Pad Reshape Transpose Squeeze Unsqueeze Identity Concat Slice Gather Expand Tile".Split(' ').ToFrozenSet(StringComparer.Ordinal);

    private readonly Dictionary<Value, bool> _constants = [];
    private readonly HashSet<Value> _made = [];

    /// <summary>Finds what is made of huge constants by what masks are made with.</summary>
    public Masks(Graph graph)
    {
        foreach (Node node in graph.Nodes.Where(n => n.Domain.Length == 0 && s_making.Contains(n.OpType) && n.Inputs.Any(Includes)))
            _made.UnionWith(node.Outputs.OfType<Value>());
    }

    /// <summary>Whether the value can have such numbers.</summary>
    public bool Includes(Value? value) => value is not null && (value.Constant is { } constant ? IsMask(value, constant) : _made.Contains(value));

    private bool IsMask(Value value, Tensor constant)
    {
        if (!_constants.TryGetValue(value, out bool isMask))
            _constants.Add(value, isMask = constant.ElementType == ElementType.Float && constant.ElementCount <= MostElements && HasHuge(constant.Read<float>()));
        return isMask;
    }

    private static bool HasHuge(ReadOnlySpan<float> numbers)
    {
        foreach (float number in numbers)
        {
            if (float.IsFinite(number) && Math.Abs(number) >= PrecisionChange.Huge)
                return true;
        }

        return false;
    }
}
