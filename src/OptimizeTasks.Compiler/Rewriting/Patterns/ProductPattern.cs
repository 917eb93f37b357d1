using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting.Patterns;

/// <summary>
/// A product of several factors, in any order and with any brackets. Division by a constant is multiplication by its inverse.
/// </summary>
internal sealed class ProductPattern(ImmutableArray<Pattern> factors) : Pattern
{
    /// <inheritdoc/>
    public override ImmutableArray<string> Roots => ["Mul", "Div"];

    /// <inheritdoc/>
    protected override bool MatchUnbound(Value value, Matching matching, Func<bool> rest) => MatchProduct(value, factors, matching, rest);

    private static bool MatchProduct(Value value, ImmutableArray<Pattern> factors, Matching matching, Func<bool> rest)
    {
        if (factors is [var only])
            return only.Match(value, matching, rest);
        if (value.Producer is not { Domain.Length: 0, OpType: "Mul" or "Div", Inputs: [{ } a, { } b] } node || node.Graph != matching.Graph)
            return matching.Refuse(value, "is no product");

        matching.Push(node, isShareable: false);
        if (node.OpType == "Mul" ? MatchFactors(a, b, factors, matching, rest) : MatchQuotient(a, b, factors, matching, rest))
            return true;
        matching.Pop();
        return false;
    }

    /// <summary>Every way to give some of the factors to one operand and the others to the other.</summary>
    private static bool MatchFactors(Value a, Value b, ImmutableArray<Pattern> factors, Matching matching, Func<bool> rest)
    {
        for (int chosen = 1; chosen < (1 << factors.Length) - 1; chosen++)
        {
            ImmutableArray<Pattern> left = [.. factors.Where((_, i) => (chosen >> i & 1) != 0)];
            ImmutableArray<Pattern> right = [.. factors.Where((_, i) => (chosen >> i & 1) == 0)];
            if (MatchProduct(a, left, matching, () => MatchProduct(b, right, matching, rest)))
                return true;
        }

        return false;
    }

    private static bool MatchQuotient(Value dividend, Value divisor, ImmutableArray<Pattern> factors, Matching matching, Func<bool> rest)
    {
        if (divisor.Scalar() is not { } number)
            return matching.Refuse(divisor, "is no constant of one element");
        NumberPattern? inverse = factors.OfType<NumberPattern>().FirstOrDefault(f => f.Is(1 / number));
        return inverse is null
            ? matching.Refuse(divisor, "is not the inverse of a factor")
            : MatchProduct(dividend, factors.Remove(inverse), matching, rest);
    }
}
