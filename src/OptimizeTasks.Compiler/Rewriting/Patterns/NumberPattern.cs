using System.Collections.Immutable;
using System.Globalization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting.Patterns;

/// <summary>A constant of one element that is this number, within 1e-5 of it, which covers what float16 makes of √2 once it was computed in float32.</summary>
internal sealed class NumberPattern(double number) : Pattern
{
    private const double Tolerance = 1e-5;

    /// <summary>The number.</summary>
    public double Number => number;

    /// <inheritdoc/>
    public override ImmutableArray<string> Roots => [];

    /// <summary>Whether a number read from a model is this one.</summary>
    public bool Is(double other) => Math.Abs(other - number) <= Tolerance * Math.Abs(number);

    /// <inheritdoc/>
    protected override bool MatchUnbound(Value value, Matching matching, Func<bool> rest)
    {
        if (value.Scalar() is not { } found)
            return matching.Refuse(value, "is no constant of one element");
        return Is(found) ? rest() : matching.Refuse(value, string.Create(CultureInfo.InvariantCulture, $"is {found}, not {number}"));
    }
}
