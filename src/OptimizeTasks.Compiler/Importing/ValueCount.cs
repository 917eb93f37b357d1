using System.Globalization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Importing;

/// <summary>How many inputs or outputs there may be.</summary>
/// <param name="Least">The fewest.</param>
/// <param name="Most">The most; <see cref="int.MaxValue"/> for any number.</param>
/// <param name="Needed">How many of the first must be there, and not only have a place.</param>
internal readonly record struct ValueCount(int Least, int Most, int Needed)
{
    /// <summary>As few, and any number more.</summary>
    public ValueCount OrMore => this with { Most = int.MaxValue };

    /// <summary><c>2</c>, <c>1-3</c> or <c>1+</c>.</summary>
    public static ValueCount Parse(string text)
    {
        string[] numbers = text.TrimEnd('+').Split('-');
        int least = int.Parse(numbers[0], CultureInfo.InvariantCulture);
        return text[^1] == '+' ? new ValueCount(least, int.MaxValue, 0) : new ValueCount(least, int.Parse(numbers[^1], CultureInfo.InvariantCulture), least);
    }

    /// <summary>What is wrong with these inputs or outputs; null where nothing is.</summary>
    public string? Fault(IReadOnlyList<Value?> values, string what)
    {
        if (values.Count < Least || values.Count > Most)
            return FormattableString.Invariant($"has {values.Count} {what}s instead of {this}");
        for (int i = 0; i < Needed; i++)
        {
            if (values[i] is null)
                return FormattableString.Invariant($"lacks {what} {i + 1}");
        }

        return null;
    }

    /// <inheritdoc/>
    public override string ToString() => Most switch
    {
        int.MaxValue => FormattableString.Invariant($"{Least} or more"),
        _ when Most == Least => FormattableString.Invariant($"{Least}"),
        _ => FormattableString.Invariant($"{Least} to {Most}"),
    };
}
