using System.Collections.Immutable;
using OptimizeTasks.Compiler.Lowering.GroupedQueries;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>
/// Attention with a past whose mask is proven to be causal and the padding of an input that is promised to be right-padded:
/// how long each row is says all that the mask does.
/// </summary>
internal class GroupQueryAttention : Rule
{
    private readonly Pattern _values = Any();

    public GroupQueryAttention()
        : this(Any(), Any())
    {
    }

    protected GroupQueryAttention(Pattern queries, Pattern keys) => Formulas = [Op("Attention", RefuseAttention, queries, keys, _values)];

    /// <inheritdoc/>
    public override TargetOperator Result => KernelTable.GroupQueryAttention;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override IReadOnlyCollection<Value> Exposed(Match match) => [.. match.Root.Outputs.Skip(1).OfType<Value>()];

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        if (PaddedRows.Find(match.Root, patch) is not { } rows)
            return null;
        return Queries(match, patch, rows) is { } turned ? Put(match.Root, patch, rows, turned) : null;
    }

    /// <summary>Queries and keys, and the tables by which the kernel turns them; null, and the patch's refusal, where it cannot.</summary>
    protected virtual (Value Queries, Value Keys, Value? Cosines, Value? Sines)? Queries(Match match, Patch patch, PaddedRows rows) =>
        (match.Root.Inputs[0]!, match.Root.Inputs[1]!, null, null);

    private static Value Put(Node attention, Patch patch, PaddedRows rows, (Value Queries, Value Keys, Value? Cosines, Value? Sines) turned)
    {
        var heads = new AttentionHeads(attention);
        List<NodeAttribute> attributes =
            [new IntAttribute("num_heads", heads.Queries), new IntAttribute("kv_num_heads", heads.Keys), new FloatAttribute("scale", (float)heads.Scale)];
        if (attention.FloatAttribute("softcap") is not 0 and var cap)
            attributes.Add(new FloatAttribute("softcap", cap));
        if (turned.Cosines is not null)
            attributes.Add(new IntAttribute("do_rotary", 1));
        ImmutableArray<Value> outputs = patch.Apply(KernelTable.GroupQueryAttention,
            [turned.Queries, turned.Keys, attention.Inputs[2], attention.Inputs[4], attention.Inputs[5], rows.LastPositions(), rows.Total32(), turned.Cosines, turned.Sines], 3, attributes);
        patch.ReplaceFurther(attention, outputs);
        return outputs[0];
    }

    private static string? RefuseAttention(Node attention)
    {
        if (attention.Input(4) is not { Shape.Rank: 4 } || attention.Input(5) is not { Shape.Rank: 4 })
            return "has no past";
        if (attention.Input(6) is not null || (attention.Outputs.Count > 3 && attention.Outputs[3] is { IsUnused: false }))
            return "takes the numbers of keys, or gives its scores";
        if (Enumerable.Range(0, 3).Any(i => attention.Inputs[i]!.Shape is not { Rank: 3 } shape || !shape[^1].TryGetValue(out _)))
            return "takes heads that are split, or of a size that is not known";
        if (attention.IntAttribute("softmax_precision") is not 0 and var precision && precision != (long)ElementType.Float)
            return "computes its softmax in another type than float";
        var heads = new AttentionHeads(attention);
        if (heads.Size != heads.ValueSize || heads.Size % 8 != 0)
            return $"has heads of {heads.Size} and {heads.ValueSize}, where the kernel takes equal sizes in steps of 8";
        return heads.Queries % heads.Keys == 0 ? null : $"has {heads.Queries} heads of queries for {heads.Keys} of keys";
    }
}
