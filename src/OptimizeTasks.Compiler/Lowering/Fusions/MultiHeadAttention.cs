using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>Attention with as many heads of keys as of queries, with or without a past, whose projections are not packed.</summary>
internal sealed class MultiHeadAttention : Rule
{
    /// <summary>Those whose kernels hide the future themselves, and take one mask for several heads and rows of a batch.</summary>
    private static readonly ImmutableArray<string> s_complete = ["Cpu", "Cuda"];

    /// <inheritdoc/>
    public override TargetOperator Result => KernelTable.MultiHeadAttention;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; } = [Op("Attention", _ => null, Any(), Any(), Any())];

    /// <inheritdoc/>
    public override string? Refuse(Match match) => RefuseAttention(match.Root);

    /// <inheritdoc/>
    public override IReadOnlyCollection<Value> Exposed(Match match) => [.. match.Root.Outputs.Skip(1).OfType<Value>()];

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        Node attention = match.Root;
        var heads = new AttentionHeads(attention);
        bool isCausal = attention.IntAttribute("is_causal") != 0;
        if (isCausal && Incomplete(patch) is { } provider)
            return patch.Refuse($"the kernel of {provider} does not hide the future");
        Value? mask = attention.Input(3) is { } given ? Mask(patch, AdditiveMask.WithFourAxes(patch, given), attention, heads) : null;
        if (patch.Refusal is not null)
            return null;

        bool isJoined = attention.Inputs[0]!.Shape!.Rank == 3;
        Value? past = attention.Input(4);
        ImmutableArray<Value> outputs = patch.Apply(KernelTable.MultiHeadAttention,
            [.. attention.Inputs.Take(3).Select(i => isJoined ? i : Joined(patch, i!)), null, null, mask, past, attention.Input(5)], past is null ? 1 : 3,
            new IntAttribute("num_heads", heads.Queries), new FloatAttribute("scale", (float)heads.Scale), new IntAttribute("unidirectional", isCausal ? 1 : 0));
        patch.ReplaceFurther(attention, outputs);
        return isJoined ? outputs[0] : patch.SplitHeads(outputs[0], heads.Queries);
    }

    /// <summary>The mask as the kernels of all providers take it; null, and the patch's refusal, where that needs sizes that are not known.</summary>
    private static Value? Mask(Patch patch, Value mask, Node attention, AttentionHeads heads)
    {
        if (Incomplete(patch) is not { } provider)
            return mask;
        if (!mask.Shape![0].Equals(attention.Inputs[0]!.Shape![0]))
            return patch.Refuse($"the kernel of {provider} takes no mask for a whole batch, and '{attention.Inputs[3]!.Name}' is not known to be for each of its rows");
        return mask.Shape[1].Equals(Dimension.Of(heads.Queries)) ? mask : patch.Apply("Expand", [mask, patch.Integers(1, heads.Queries, 1, 1)]);
    }

    private static string? Incomplete(Patch patch) => patch.Options.Providers.FirstOrDefault(p => !s_complete.Contains(p));

    /// <summary>[batch, heads, sequence, size] with the heads joined: what was split is taken before the heads went to the front.</summary>
    private static Value Joined(Patch patch, Value x) =>
        x.Producer is { OpType: "Transpose", Domain.Length: 0 } split && split.IntsAttribute("perm") is [0, 2, 1, 3] ? patch.Reshape(split.Inputs[0]!, 0, 0, -1) : patch.JoinHeads(x);

    private static string? RefuseAttention(Node attention)
    {
        bool hasPast = attention.Input(4) is not null;
        if (hasPast != attention.Input(5) is not null)
            return "has a past of keys or values alone";
        if (!hasPast && attention.Outputs.Skip(1).Take(2).Any(IsUsed))
            return "gives keys and values, and has no past";
        if (attention.Input(6) is not null || attention.Outputs.Skip(3).Any(IsUsed))
            return "takes the numbers of keys, or gives its scores";
        if (attention.FloatAttribute("softcap") != 0)
            return "has a softcap";
        if (attention.IntAttribute("softmax_precision") is not 0 and var precision && precision != (long)ElementType.Float)
            return "computes its softmax in another type than float";
        return attention.Inputs.Take(3).All(HasHeads) ? RefuseHeads(attention, hasPast) ?? RefuseMask(attention) : "has heads that are not known";
    }

    private static string? RefuseHeads(Node attention, bool hasPast)
    {
        var heads = new AttentionHeads(attention);
        if (heads.Queries != heads.Keys)
            return $"has {heads.Queries} heads of queries for {heads.Keys} of keys";
        return hasPast && heads.Size != heads.ValueSize ? $"has a past of heads of {heads.Size} and {heads.ValueSize}, where the kernel takes equal sizes" : null;
    }

    private static string? RefuseMask(Node attention)
    {
        Dimension queries = Length(attention.Inputs[0]!);
        Dimension keys = Length(attention.Inputs[1]!);
        if (attention.IntAttribute("is_causal") != 0)
        {
            // Kernels differ in where the first query stands, and in what a low mask and the hidden future make together.
            if (attention.Input(3) is not null)
                return "is causal, and has a mask as well";
            return queries.Equals(keys) ? null : $"is causal, with {queries} queries for {keys} keys";
        }

        return attention.Input(3) is { } mask ? AdditiveMask.Refuse(mask, attention.Output.ElementType, queries, attention.Input(4) is { } past ? Length(past) + keys : keys) : null;
    }

    private static Dimension Length(Value x) => x.Shape is { Rank: 3 or 4 } shape ? shape[^2] : Dimension.Unknown();

    private static bool IsUsed(Value? output) => output is { IsUnused: false };

    private static bool HasHeads(Value? x) => x!.Shape is { Rank: 3 or 4 } shape && shape[^1].TryGetValue(out _) && (shape.Rank == 3 || shape[1].TryGetValue(out _));
}
