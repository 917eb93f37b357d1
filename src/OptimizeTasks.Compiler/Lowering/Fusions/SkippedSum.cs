using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>The sum of a skip connection in front of a normalisation, perhaps with the bias of the MatMul before it.</summary>
internal sealed class SkippedSum
{
    private readonly Pattern _a = Any();
    private readonly Pattern _b = Any();
    private readonly Pattern _bias = Any(v => v.Constant is { Rank: 1 } ? null : "is no constant of rank 1");

    public SkippedSum()
    {
        WithBias = _a + (_b + _bias);
        WithoutBias = _a + _b;
    }

    /// <summary>a + (b + bias).</summary>
    public Pattern WithBias { get; }

    /// <summary>a + b.</summary>
    public Pattern WithoutBias { get; }

    /// <summary>The sum that was matched.</summary>
    public Value Of(Match match) => match.Find(WithBias) ?? match[WithoutBias];

    /// <summary>Why the sum is none that a kernel takes; null where it is one.</summary>
    public string? Refuse(Match match)
    {
        Value sum = Of(match);
        if (sum.Shape is not { Rank: >= 2 } shape || (shape.Rank > 3 && !shape[^1].TryGetValue(out _)))
            return $"the rank or the last size of '{sum.Name}' is not known, or the rank is 1";
        if (new[] { match[_a], match[_b] }.FirstOrDefault(v => !shape.Equals(v.Shape)) is { } other)
            return $"'{other.Name}' does not have the sizes {shape} of the sum";
        return match.Find(_bias) is { } bias && !shape[^1].Equals(bias.Shape![0]) ? $"'{bias.Name}' does not have the size {shape[^1]}" : null;
    }

    /// <summary>Normalises the sum by a kernel, and puts the kernel's own sum in its place.</summary>
    /// <param name="match">The match.</param>
    /// <param name="patch">The patch.</param>
    /// <param name="kernel">The kernel: it gives the result, two statistics, and the sum.</param>
    /// <param name="parameters">The scale, and the bias of the normalisation where the kernel has one.</param>
    public Value? Put(Match match, Patch patch, Kernel kernel, params ImmutableArray<Value?> parameters)
    {
        Value sum = Of(match);
        bool isUsed = sum.IsOutput || sum.Uses.Count > 1;
        ImmutableArray<Value> outputs = patch.Apply(kernel, [patch.Rows(match[_a]), patch.Rows(match[_b]), .. parameters, match.Find(_bias)], isUsed ? 4 : 1,
            new FloatAttribute("epsilon", match.Root.FloatAttribute("epsilon", 1e-5f)));
        if (isUsed && patch.FromRows(outputs[3], match[_a]) is { } whole)
            patch.Replace(sum, whole);
        return patch.FromRows(outputs[0], match[_a]);
    }

    /// <summary>Why a normalisation is none that a kernel takes: it must be over the last axis, and give nothing but its result.</summary>
    public static string? RefuseNormalization(Node node)
    {
        if (node.Outputs.Skip(1).Any(o => o is { IsUnused: false }))
            return "gives its statistics as well";
        if (node.IntAttribute("stash_type", 1) != 1)
            return "computes in another type";
        return node.IntAttribute("axis", -1) == -1 || node.IntAttribute("axis") == node.Inputs[0]?.Shape?.Rank - 1 ? null : "goes over several axes";
    }
}
