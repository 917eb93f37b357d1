using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>Attention of one value to itself, with the three projections before it: one kernel, their weights side by side.</summary>
internal sealed class PackedAttention : Rule
{
    private readonly Pattern _x = Any();
    private readonly ImmutableArray<Projection> _projections;

    public PackedAttention()
    {
        _projections = [new Projection(_x), new Projection(_x), new Projection(_x)];
        Formulas = [Op("Attention", RefuseAttention, [.. _projections.Select(p => p.Formula)])];
    }

    /// <inheritdoc/>
    public override TargetOperator Result => KernelTable.Attention;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match)
    {
        if (match[_x].Shape is not { Rank: 3 })
            return $"'{match[_x].Name}' has not the rank 3";
        var heads = new AttentionHeads(match.Root);
        if (heads.Queries != heads.Keys)
            return "heads are shared by groups";
        Dimension length = match.Root.Output.Shape![1];
        return match.Root.Input(3) is { } mask ? AdditiveMask.Refuse(mask, match.Root.Output.ElementType, length, length) : null;
    }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        Node attention = match.Root;
        var heads = new AttentionHeads(attention);
        Value weights = patch.Constant("projections", JoinedColumns.Of([.. _projections.Select(p => p.Weight(match))]));
        Value bias = patch.Constant("biases", Joined([.. _projections.Select(p => p.Bias(match))]));
        Value? mask = attention.Input(3) is { } given ? AdditiveMask.WithFourAxes(patch, given) : null;
        return patch.Apply(KernelTable.Attention, [match[_x], weights, bias, null, null, mask],
            new IntAttribute("num_heads", heads.Queries),
            new FloatAttribute("scale", (float)heads.Scale),
            new IntAttribute("unidirectional", attention.IntAttribute("is_causal")),
            new IntsAttribute("qkv_hidden_sizes", [heads.Queries * heads.Size, heads.Queries * heads.Size, heads.Queries * heads.ValueSize]));
    }

    private static string? RefuseAttention(Node node)
    {
        if (node.Inputs[0]!.Shape is not { Rank: 3 })
            return "has no heads to split";
        if (node.Inputs.Skip(4).Any(i => i is not null) || node.Outputs.Skip(1).Any(o => o is { IsUnused: false }))
            return "has a past";
        return node.FloatAttribute("softcap") == 0 ? null : "has a softcap";
    }

    private static Tensor Joined(ImmutableArray<Tensor> parts) =>
        new(parts[0].ElementType, [parts.Sum(p => p.ElementCount)], new MemoryData(parts.SelectMany(p => p.Data.ReadAll().ToArray()).ToArray()));

    /// <summary>x · weight + bias, or without a bias.</summary>
    private sealed class Projection
    {
        private readonly Pattern _weight = Any(v => v.Constant is { Rank: 2 } ? null : "is no constant matrix");
        private readonly Pattern _bias = Any(v => v.Constant is { Rank: 1 } ? null : "is no constant of rank 1");

        public Projection(Pattern x)
        {
            Pattern product = Op("MatMul", x, _weight);
            Formula = (product + _bias) | product;
        }

        public Pattern Formula { get; }

        public Tensor Weight(Match match) => match[_weight].Constant!;

        public Tensor Bias(Match match) => match.Find(_bias)?.Constant ?? Scalars.Fill(Weight(match).ElementType, [Weight(match).Dimensions[1]], 0);
    }
}
