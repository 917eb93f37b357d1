using System.Collections.Frozen;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting;

/// <summary>Operators that work element by element on inputs of different shapes.</summary>
internal static class Broadcasting
{
    private static readonly FrozenSet<string> s_operators = new[]
    {
        "Add", "And", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Max", "Mean", "Min", "Mod", "Mul",
        "Or", "Pow", "Sub", "Sum", "Where", "Xor",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether the node broadcasts all its inputs to one shape.</summary>
    public static bool IsBroadcasting(Node node) => node.Domain.Length == 0 && s_operators.Contains(node.OpType);

    /// <summary>The shape of the result; null where the shape of an input is not known.</summary>
    public static Shape? Shape(IEnumerable<Shape?> inputs)
    {
        Shape? result = Onnx.Shape.Scalar;
        foreach (Shape? input in inputs)
            result = input is null || result is null ? null : Shape(result, input);
        return result;
    }

    private static Shape Shape(Shape a, Shape b)
    {
        int rank = Math.Max(a.Rank, b.Rank);
        return new Shape(Enumerable.Range(1, rank).Reverse().Select(i =>
            i > a.Rank ? b[^i] : i > b.Rank ? a[^i] : Dimension.Broadcast(a[^i], b[^i])));
    }
}
