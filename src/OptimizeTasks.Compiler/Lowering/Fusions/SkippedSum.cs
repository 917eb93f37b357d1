using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>The sum of a skip connection in front of a normalisation, perhaps with the bias of the MatMul before it.</summary>
internal sealed class SkippedSum
{
    /// <summary>The providers whose kernels add one skip to every row of a batch.</summary>
    private static readonly ImmutableArray<string> s_repeating = ["Cpu", "Cuda"];

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
        if (Parts(match) is null)
            return $"'{(shape.Equals(match[_a].Shape) ? match[_b] : match[_a]).Name}' does not have the sizes {shape} of the sum, with or without the batch";
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
        (Value input, Value skip) = Parts(match)!.Value;
        if (!input.Shape!.Equals(skip.Shape) && patch.Options.Providers.FirstOrDefault(p => !s_repeating.Contains(p)) is { } provider)
            return patch.Refuse($"{provider} is not known to repeat '{skip.Name}' for a batch");
        bool isUsed = sum.IsOutput || sum.Uses.Count > 1;
        ImmutableArray<Value> outputs = patch.Apply(kernel, [patch.Rows(input), patch.Rows(skip), .. parameters, match.Find(_bias)], isUsed ? 4 : 1,
            new FloatAttribute("epsilon", match.Root.FloatAttribute("epsilon", 1e-5f)));
        if (isUsed && patch.FromRows(outputs[3], input) is { } whole)
            patch.Replace(sum, whole);
        return patch.FromRows(outputs[0], input);
    }

    /// <summary>What has the sizes of the sum, and what is added to it: of the same sizes, or one for a whole batch; null where it is neither.</summary>
    private (Value Input, Value Skip)? Parts(Match match)
    {
        Shape shape = Of(match).Shape!;
        (Value a, Value b) = (match[_a], match[_b]);
        if (!shape.Equals(a.Shape))
            (a, b) = (b, a);
        return shape.Equals(a.Shape) && (shape.Equals(b.Shape) || IsRepeated(b.Shape, shape)) ? (a, b) : null;
    }

    /// <summary>Whether a shape is [tokens, size] or [1, tokens, size] of [batch, tokens, size].</summary>
    private static bool IsRepeated(Shape? skip, Shape sum) => sum.Rank == 3 && (skip?.Rank == 2 || (skip?.Rank == 3 && skip[0].Equals(Dimension.Of(1))))
        && IsSame(skip[^2], sum[1]) && skip[^1].Equals(sum[2]);

    /// <summary>Whether a size is the other one, or that cut at the length of a table: what is longer cannot be added at all.</summary>
    private static bool IsSame(Dimension size, Dimension whole) =>
        size.Equals(whole) || (!size.IsConstant && !whole.IsAtLeast(2) && Dimension.Broadcast(size, whole).Equals(whole));

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
