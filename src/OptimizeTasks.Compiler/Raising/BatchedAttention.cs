using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>
/// Attention over [batch · heads, sequence, size], which PyTorch's batched product takes (BART, and CLIP before 2025): the heads
/// have an axis of their own before and behind it.
/// </summary>
internal sealed class BatchedAttention : Rule
{
    private readonly Pattern _queries = Any();
    private readonly Pattern _keys = Any();
    private readonly Pattern _values = Any();
    private readonly Pattern[] _merged;
    private readonly Pattern _factor = Scalar();
    private readonly Pattern _mask = Any();
    private readonly Pattern _apart;

    public BatchedAttention()
    {
        _merged = [Merged(_queries), Merged(_keys), Merged(_values)];
        Pattern transposed = Op("Transpose", n => n.IntsAttribute("perm") is [0, 2, 1] ? null : "exchanges other axes", _merged[1]);
        Pattern scores = Op("MatMul", _merged[0], transposed);
        Pattern scaled = (scores * _factor) | scores;
        _apart = Op("Reshape", scaled, Any());
        Pattern masked = Op("Reshape", _apart + _mask, Any());
        Pattern weights = Op("Softmax", n => n.IsOnLastAxis() ? null : "is over another axis", masked | scaled);
        Formulas = [Op("Reshape", Op("MatMul", weights, _merged[2]), Any())];
    }

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.Attention;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match)
    {
        Value[] apart = [match[_queries], match[_keys], match[_values]];
        for (int i = 0; i < apart.Length; i++)
        {
            if (!IsMerged(apart[i].Shape, match[_merged[i]].Shape) || !HasHeadsOf(match[_queries].Shape!, apart[i].Shape!))
                return $"'{match[_merged[i]].Name}' does not have the heads of '{match[_queries].Name}' in the batch";
        }

        if (match.Has(_mask) && !(match[_apart].Shape is { Rank: 4 } scores && HasHeadsOf(match[_queries].Shape!, scores)))
            return $"'{match[_apart].Name}' does not have the heads of '{match[_queries].Name}'";
        return match.Root.Output.Shape is { Rank: 4 } result && HasHeadsOf(match[_queries].Shape!, result) && result[2].Equals(match[_queries].Shape![2])
            ? null : $"'{match.Root.Output.Name}' does not give the heads an axis";
    }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        Value? mask = null;
        if (match.Has(_mask) && (mask = AttentionMask.Complete(patch, match[_mask], match[_apart], match[_queries])) is null)
            return null;
        Value[] inputs = [match[_queries], match[_keys], match[_values]];
        return patch.Apply("Attention", mask is null ? inputs : [.. inputs, mask], new FloatAttribute("scale", (float)(match.Find(_factor)?.Scalar() ?? 1)));
    }

    private static Pattern Merged(Pattern heads) => new OperatorPattern("Reshape", [heads, Any()]) { IsShareable = true };

    /// <summary>Whether [batch, heads, sequence, size] and [batch · heads, sequence, size] are the same apart and merged.</summary>
    private static bool IsMerged(Shape? apart, Shape? merged) => apart is { Rank: 4 } && merged is { Rank: 3 }
        && (apart[0] * apart[1]).Equals(merged[0]) && apart[2].Equals(merged[1]) && apart[3].Equals(merged[2]);

    private static bool HasHeadsOf(Shape queries, Shape other) => queries[0].Equals(other[0]) && queries[1].Equals(other[1]);
}
