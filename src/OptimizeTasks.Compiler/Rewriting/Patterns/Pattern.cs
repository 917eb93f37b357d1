using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting.Patterns;

/// <summary>
/// Part of a formula: says how a value must be computed. The same object at two places of a formula is the same value.
/// Formulas are written with <see cref="Formula"/> and the operators below.
/// </summary>
internal abstract class Pattern
{
    /// <summary>The operators that can compute the value; empty where any can, or none need.</summary>
    public abstract ImmutableArray<string> Roots { get; }

    public static implicit operator Pattern(double number) => new NumberPattern(number);

    public static Pattern operator +(Pattern a, Pattern b) => new OperatorPattern("Add", [a, b]) { IsCommutative = true };

    public static Pattern operator -(Pattern a, Pattern b) => new OperatorPattern("Sub", [a, b]);

    public static Pattern operator *(Pattern a, Pattern b) => new OperatorPattern("Mul", [a, b]) { IsCommutative = true };

    public static Pattern operator /(Pattern a, Pattern b) => new OperatorPattern("Div", [a, b]);

    /// <summary>One or the other, tried in this order.</summary>
    public static Pattern operator |(Pattern a, Pattern b) => new AlternativePattern([a, b]);

    /// <summary>Whether the value is computed so, and <paramref name="rest"/>, what remains of the formula, holds too.</summary>
    public bool Match(Value value, Matching matching, Func<bool> rest)
    {
        if (matching.ValueOf(this) is { } bound)
            return bound == value ? rest() : matching.Refuse(value, $"is not '{bound.Name}', which the formula has at another place");
        if (!matching.TakeStep())
            return false;
        matching.Bind(this, value);
        if (MatchUnbound(value, matching, rest))
            return true;
        matching.Unbind(this);
        return false;
    }

    /// <summary>The same for a pattern that stands for no value yet.</summary>
    protected abstract bool MatchUnbound(Value value, Matching matching, Func<bool> rest);
}
