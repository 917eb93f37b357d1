using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>
/// [batch, sequence, heads · size] split into heads before an Attention, and joined behind it: Attention takes and gives that form itself.
/// </summary>
internal sealed class SplitHeads : Rule
{
    private readonly Pattern _queries = Any();
    private readonly Pattern _keys = Any();
    private readonly Pattern _values = Any();
    private readonly Pattern _attention;

    public SplitHeads()
    {
        _attention = PlainAttention.Of(Split(_queries), Split(_keys), Split(_values));
        Formulas = [Op("Reshape", HeadsToBack(_attention), Any())];
    }

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.Attention;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match)
    {
        Node attention = match[_attention].Producer!;
        for (int i = 0; i < 3; i++)
        {
            if (RefuseSplit(attention.Inputs[i]!) is { } reason)
                return reason;
        }

        return match[_attention].Shape is { Rank: 4 } split && match.Root.Output.Shape is { Rank: 3 } joined && IsJoined(joined, split)
            ? null : $"'{match.Root.Output.Name}' does not join the heads";
    }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        Node attention = match[_attention].Producer!;
        return patch.Apply("Attention", [match[_queries], match[_keys], match[_values], .. attention.Inputs.Skip(3)],
            [.. attention.Attributes, new IntAttribute("q_num_heads", Heads(attention, 0)), new IntAttribute("kv_num_heads", Heads(attention, 1))]);
    }

    private static long Heads(Node attention, int input) => attention.Inputs[input]!.Shape![1].TryGetValue(out long heads) ? heads : 0;

    private static Pattern Split(Pattern joined) => HeadsToBack(new OperatorPattern("Reshape", [joined, Any()]) { IsShareable = true });

    /// <summary>[batch, heads, sequence, size] to [batch, sequence, heads, size], or back.</summary>
    private static Pattern HeadsToBack(Pattern x) =>
        new OperatorPattern("Transpose", [x]) { Condition = n => n.IntsAttribute("perm") is [0, 2, 1, 3] ? null : "exchanges other axes", IsShareable = true };

    private static string? RefuseSplit(Value split)
    {
        Value joined = split.Producer!.Inputs[0]!.Producer!.Inputs[0]!;
        return split.Shape is { Rank: 4 } heads && joined.Shape is { Rank: 3 } whole && IsJoined(whole, heads) ? null : $"'{split.Name}' is not split into heads";
    }

    /// <summary>Whether [batch, sequence, heads · size] and [batch, heads, sequence, size] are the same parted and not.</summary>
    private static bool IsJoined(Shape joined, Shape split) => joined[0].Equals(split[0]) && joined[1].Equals(split[2])
        && split[1].TryGetValue(out long heads) && split[3].TryGetValue(out long size) && joined[2].Equals(Dimension.Of(heads * size));
}
