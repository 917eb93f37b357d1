using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Expansions;

/// <summary>softmax(queries · keysᵀ · scale + mask) · values, with the past in front and heads repeated for groups.</summary>
internal sealed class AttentionExpansion() : Expansion(CanonicalOperator.Attention)
{
    /// <summary>Far below every score. Less than −∞ would be, which makes no number of a row that masks everything.</summary>
    private const double Forbidden = -1e30;

    /// <inheritdoc/>
    public override IReadOnlyCollection<Value> Exposed(Match match) => [.. match.Root.Outputs.Skip(1).OfType<Value>()];

    /// <inheritdoc/>
    public override string? Refuse(Match match)
    {
        Node node = match.Root;
        if (node.Outputs.Count > 3 && node.Outputs[3] is { IsUnused: false })
            return "the scores are used as well";
        if (node.Input(6) is not null)
            return "the numbers of keys are an input";
        if (node.IntAttribute("softmax_precision") is not 0 and var precision && precision != (long)node.Inputs[0]!.ElementType)
            return "the softmax is computed in another type";
        for (int i = 0; i < 3; i++)
        {
            if (node.Inputs[i]!.Shape is not { Rank: 3 or 4 } shape || !shape[^1].TryGetValue(out _) || (shape.Rank == 4 && !shape[1].TryGetValue(out _)))
                return $"the heads of '{node.Inputs[i]!.Name}' are not known";
        }

        return node.Input(3) is { Shape: null or { Rank: < 2 } } mask ? $"the rank of the mask '{mask.Name}' is not known, or below 2" : base.Refuse(match);
    }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        Node node = match.Root;
        var heads = new AttentionHeads(node);
        Value queries = Heads(patch, node.Inputs[0]!, heads.Queries);
        Value keys = WithPast(patch, node, 4, Heads(patch, node.Inputs[1]!, heads.Keys));
        Value values = WithPast(patch, node, 5, Heads(patch, node.Inputs[2]!, heads.Keys));
        ReplacePresent(patch, node, 1, keys);
        ReplacePresent(patch, node, 2, values);

        Value scores = patch.Apply("MatMul", [patch.Mul(queries, patch.Number(queries, heads.Scale)), patch.Transpose(Repeat(patch, keys, heads, heads.Size), 0, 1, 3, 2)]);
        Value shares = Shares(patch, node, scores, queries, keys);
        Value result = patch.Apply("MatMul", [shares, Repeat(patch, values, heads, heads.ValueSize)]);
        return node.Inputs[0]!.Shape!.Rank == 3 ? patch.JoinHeads(result) : result;
    }

    private static Value Heads(Patch patch, Value x, long heads) => x.Shape!.Rank == 3 ? patch.SplitHeads(x, heads) : x;

    private static Value WithPast(Patch patch, Node node, int input, Value added) => node.Input(input) is { } past ? patch.Concat(2, past, added) : added;

    private static void ReplacePresent(Patch patch, Node node, int output, Value present)
    {
        if (output < node.Outputs.Count && node.Outputs[output] is { IsUnused: false } value)
            patch.Replace(value, present);
    }

    /// <summary>[batch, groups, sequence, size] to [batch, heads, sequence, size].</summary>
    private static Value Repeat(Patch patch, Value x, AttentionHeads heads, long size)
    {
        if (heads.Queries == heads.Keys)
            return x;
        Value expanded = patch.Apply("Expand", [patch.Unsqueeze(x, 2), patch.Integers(1, 1, heads.Queries / heads.Keys, 1, 1)]);
        return patch.Reshape(expanded, 0, heads.Queries, -1, size);
    }

    /// <summary>How much each query takes of each key: the softmax of the scores, those that are masked left out.</summary>
    private static Value Shares(Patch patch, Node node, Value scores, Value queries, Value keys)
    {
        if (node.FloatAttribute("softcap") is not 0 and var cap)
            scores = patch.Mul(patch.Apply("Tanh", [patch.Mul(scores, patch.Number(scores, 1.0 / cap))]), patch.Number(scores, cap));
        Value? allowed = node.Input(3) is { ElementType: ElementType.Bool } chosen ? chosen : null;
        if (node.Input(3) is { } mask && allowed is null)
            scores = patch.Add(scores, mask);
        if (node.IntAttribute("is_causal") != 0)
        {
            Value causal = Causal(patch, node, queries, keys);
            allowed = allowed is null ? causal : patch.Apply("And", [allowed, causal]);
        }

        if (allowed is null)
            return patch.Apply("Softmax", [scores], new IntAttribute("axis", -1));
        Value shares = patch.Apply("Softmax", [patch.Apply("Where", [allowed, scores, patch.Number(scores, scores.ElementType == ElementType.Float16 ? -65504 : Forbidden)])], new IntAttribute("axis", -1));
        // A query without any key gets nothing.
        return patch.Apply("Where", [allowed, shares, patch.Number(shares, 0)]);
    }

    /// <summary>[queries, keys]: whether the key stands no later than the query, which stands behind the past.</summary>
    private static Value Causal(Patch patch, Node node, Value queries, Value keys)
    {
        Value zero = patch.Constant("zero", Tensor.Create<long>(ElementType.Int64, [], [0]));
        Value one = patch.Constant("one", Tensor.Create<long>(ElementType.Int64, [], [1]));
        Value rows = patch.Apply("Range", [zero, patch.Size(queries, 2), one]);
        if (node.Input(4) is { } past)
            rows = patch.Add(rows, patch.Size(past, 2));
        Value columns = patch.Apply("Range", [zero, patch.Size(keys, 2), one]);
        return patch.Apply("LessOrEqual", [patch.Unsqueeze(columns, 0), patch.Unsqueeze(rows, 1)]);
    }
}
