using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>Keys and values whose heads are repeated for groups of queries (Ainslie et al., 2023): Attention does that itself.</summary>
internal sealed class RepeatedHeads : Rule
{
    private readonly Pattern _queries = Any();
    private readonly Pattern _keys = Any();
    private readonly Pattern _values = Any();
    private readonly Pattern _repeatedKeys;
    private readonly Pattern _repeatedValues;

    public RepeatedHeads()
    {
        _repeatedKeys = Repeated(_keys);
        _repeatedValues = Repeated(_values);
        Formulas = [PlainAttention.Of(_queries, _repeatedKeys, _repeatedValues)];
    }

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.Attention;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match) => RefuseRepeat(match[_keys], match[_repeatedKeys]) ?? RefuseRepeat(match[_values], match[_repeatedValues]);

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch) =>
        patch.Apply("Attention", [match[_queries], match[_keys], match[_values], .. match.Root.Inputs.Skip(3)], match.Root.Attributes);

    private static Pattern Repeated(Pattern heads)
    {
        Pattern expanded = new OperatorPattern("Expand", [new OperatorPattern("Unsqueeze", [heads, Any(IsAxisOfHeads)]) { IsShareable = true }, Any()]) { IsShareable = true };
        return new OperatorPattern("Reshape", [expanded, Any()]) { IsShareable = true };
    }

    private static string? IsAxisOfHeads(Value axes) => axes.Integers() is [2] ? null : "is not the axis behind the heads";

    /// <summary>[batch, n, sequence, size] must become [batch, n·k, sequence, size].</summary>
    private static string? RefuseRepeat(Value heads, Value repeated) =>
        heads.Shape is { Rank: 4 } before && repeated.Shape is { Rank: 4 } after && before[0].Equals(after[0]) && before[2].Equals(after[2]) && before[3].Equals(after[3])
        && before[1].TryGetValue(out long few) && after[1].TryGetValue(out long many) && few > 0 && many % few == 0
            ? null : $"'{repeated.Name}' does not repeat the heads of '{heads.Name}'";
}
