using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting.Patterns;

/// <summary>The words that formulas are written with.</summary>
internal static class Formula
{
    /// <summary>Any value.</summary>
    public static Pattern Any() => new AnyPattern();

    /// <summary>Any value for which the condition gives no reason against it.</summary>
    public static Pattern Any(Func<Value, string?> condition) => new AnyPattern(condition);

    /// <summary>A constant of one floating-point element.</summary>
    public static Pattern Scalar() => Any(v => v.Scalar() is null ? "is no constant of one element" : null);

    /// <summary>An operator with exactly these inputs.</summary>
    public static Pattern Op(string opType, params ImmutableArray<Pattern> inputs) => new OperatorPattern(opType, inputs);

    /// <summary>An operator with these inputs, perhaps more, and a condition on the node.</summary>
    public static Pattern Op(string opType, Func<Node, string?> condition, params ImmutableArray<Pattern> inputs) =>
        new OperatorPattern(opType, inputs) { Condition = condition, TakesMore = true };

    /// <summary>A product in any order, with any brackets.</summary>
    public static Pattern Product(params ImmutableArray<Pattern> factors) => new ProductPattern(factors);

    public static Pattern Sqrt(Pattern x) => Op("Sqrt", x);

    public static Pattern Erf(Pattern x) => Op("Erf", x);

    public static Pattern Tanh(Pattern x) => Op("Tanh", x);

    public static Pattern Sigmoid(Pattern x) => Op("Sigmoid", x);

    /// <summary>x², as a power or as a product.</summary>
    public static Pattern Square(Pattern x) => Op("Pow", x, 2) | (x * x);

    /// <summary>x³.</summary>
    public static Pattern Cube(Pattern x) => Op("Pow", x, 3) | Product(x, x, x);

    /// <summary>a / √b, however it is spelled.</summary>
    public static Pattern OverRoot(Pattern a, Pattern b)
    {
        Pattern root = Sqrt(b) | Op("Pow", b, 0.5);
        return (a / root) | (a * (Op("Reciprocal", root) | (1 / root) | Op("Pow", b, -0.5)));
    }

    /// <summary>The mean over the last axes, which stay with size 1.</summary>
    public static Pattern MeanOfLast(Pattern x) => Op("ReduceMean", LastAxes, x);

    /// <summary>A reduction along one axis, which stays with size 1.</summary>
    public static Pattern AlongOneAxis(string opType, Pattern x) => Op(opType, OneAxis, x);

    private static string? LastAxes(Node node)
    {
        if (node.IntAttribute("keepdims", 1) != 1)
            return "does not keep the axes of the mean";
        return node.LastAxes() is null ? "is no mean over the last axes" : null;
    }

    private static string? OneAxis(Node node) => node.IntAttribute("keepdims", 1) == 1 && node.OnlyAxis() is not null ? null : "is not along one axis, which stays";
}
