using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Expansions;

/// <summary>InstanceNormalization of [batch, groups, all that a group has], then scale and bias per channel.</summary>
internal sealed class GroupNormalizationExpansion() : Expansion(CanonicalOperator.GroupNormalization)
{
    /// <inheritdoc/>
    public override string? Refuse(Match match)
    {
        Node node = match.Root;
        if (node.Inputs[0]!.Shape is not { Rank: > 1 })
            return $"the rank of '{node.Inputs[0]!.Name}' is not known";
        return node.Inputs[1]!.Shape is { Rank: 1 } && node.Inputs[2]!.Shape is { Rank: 1 } ? base.Refuse(match) : "scale and bias have no rank of 1";
    }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        Node node = match.Root;
        Value x = node.Inputs[0]!;
        long groups = node.IntAttribute("num_groups");
        Value ones = patch.Constant("ones", Scalars.Fill(x.ElementType, [groups], 1));
        Value zeros = patch.Constant("zeros", Scalars.Fill(x.ElementType, [groups], 0));
        Value normalized = patch.Apply("InstanceNormalization", [patch.Reshape(x, 0, groups, -1), ones, zeros], new FloatAttribute("epsilon", node.FloatAttribute("epsilon", 1e-5f)));
        Value whole = patch.Apply("Reshape", [normalized, patch.Apply("Shape", [x])]);
        return patch.Add(patch.Mul(whole, PerChannel(patch, node.Inputs[1]!, x)), PerChannel(patch, node.Inputs[2]!, x));
    }

    /// <summary>[channels] as [channels, 1, …], which is broadcast over the axes behind the channels.</summary>
    private static Value PerChannel(Patch patch, Value value, Value x)
    {
        long[] axes = [.. Enumerable.Range(1, x.Shape!.Rank - 2).Select(a => (long)a)];
        return value.Constant is { } tensor ? patch.Constant(value.Name, new Tensor(tensor.ElementType, [tensor.ElementCount, .. axes.Select(_ => 1L)], tensor.Data)) : patch.Unsqueeze(value, axes);
    }
}
