using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>
/// [batch, sequence, heads · size] split into heads before an Attention, perhaps turned by RotaryEmbedding, and joined behind
/// it: both operators take and give that form themselves.
/// </summary>
internal sealed class SplitHeads : Rule
{
    private readonly Pattern _attention;

    public SplitHeads()
    {
        _attention = Op("Attention", _ => null, Split(), Split(), Split());
        Formulas = [Op("Reshape", HeadsToBack(_attention), Any())];
    }

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.Attention;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override IReadOnlyCollection<Value> Exposed(Match match) => [.. match[_attention].Producer!.Outputs.Skip(1).OfType<Value>()];

    /// <inheritdoc/>
    public override string? Refuse(Match match)
    {
        Node attention = match[_attention].Producer!;
        for (int i = 0; i < 3; i++)
        {
            if (RefuseSplit(SplitOf(attention.Inputs[i]!)) is { } reason)
                return reason;
        }

        return match[_attention].Shape is { Rank: 4 } split && match.Root.Output.Shape is { Rank: 3 } joined && IsJoined(joined, split)
            ? null : $"'{match.Root.Output.Name}' does not join the heads";
    }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        Node attention = match[_attention].Producer!;
        ImmutableArray<Value> outputs = patch.Apply("Attention", [Joined(patch, attention, 0), Joined(patch, attention, 1), Joined(patch, attention, 2), .. attention.Inputs.Skip(3)], attention.Outputs.Count,
            [.. attention.Attributes, new IntAttribute("q_num_heads", Heads(attention, 0)), new IntAttribute("kv_num_heads", Heads(attention, 1))]);
        for (int i = 1; i < outputs.Length; i++)
        {
            if (attention.Outputs[i] is { IsUnused: false } used)
                patch.Replace(used, outputs[i]);
        }

        return outputs[0];
    }

    /// <summary>An input of the Attention with its heads joined, turned if it was.</summary>
    private static Value Joined(Patch patch, Node attention, int input)
    {
        Value heads = attention.Inputs[input]!;
        Value joined = JoinedOf(SplitOf(heads));
        return RotationOf(heads) is { } rotation
            ? patch.Apply("RotaryEmbedding", [joined, .. rotation.Inputs.Skip(1)], [.. rotation.Attributes, new IntAttribute("num_heads", Heads(attention, input))])
            : joined;
    }

    private static long Heads(Node attention, int input) => attention.Inputs[input]!.Shape![1].TryGetValue(out long heads) ? heads : 0;

    private static Node? RotationOf(Value heads) => heads.Producer is { OpType: "RotaryEmbedding" } rotation ? rotation : null;

    private static Value SplitOf(Value heads) => RotationOf(heads)?.Inputs[0] ?? heads;

    private static Value JoinedOf(Value split) => split.Producer!.Inputs[0]!.Producer!.Inputs[0]!;

    private static Pattern Split()
    {
        Pattern split = HeadsToBack(new OperatorPattern("Reshape", [Any(), Any()]) { IsShareable = true });
        return split | Op("RotaryEmbedding", _ => null, split);
    }

    /// <summary>[batch, heads, sequence, size] to [batch, sequence, heads, size], or back.</summary>
    private static Pattern HeadsToBack(Pattern x) =>
        new OperatorPattern("Transpose", [x]) { Condition = n => n.IntsAttribute("perm") is [0, 2, 1, 3] ? null : "exchanges other axes", IsShareable = true };

    private static string? RefuseSplit(Value split) =>
        split.Shape is { Rank: 4 } heads && JoinedOf(split).Shape is { Rank: 3 } whole && IsJoined(whole, heads) ? null : $"'{split.Name}' is not split into heads";

    /// <summary>Whether [batch, sequence, heads · size] and [batch, heads, sequence, size] are the same parted and not.</summary>
    private static bool IsJoined(Shape joined, Shape split) => joined[0].Equals(split[0]) && joined[1].Equals(split[2])
        && split[1].TryGetValue(out long heads) && split[3].TryGetValue(out long size) && joined[2].Equals(Dimension.Of(heads * size));
}
