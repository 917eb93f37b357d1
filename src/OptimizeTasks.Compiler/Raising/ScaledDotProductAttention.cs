using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>
/// softmax(scale · Q·Kᵀ + mask) · V over [batch, heads, sequence, size] (Vaswani et al., 2017): Attention-23. The scale may stand
/// before or behind the product, on either operand or on both; the mask may be added or chosen, shifted windows (Liu et
/// al., 2021) may have one of their own, and what masks everything may be made to give 0.
/// </summary>
internal sealed class ScaledDotProductAttention : Rule
{
    /// <summary>What stays of a score beside one that is not masked: nothing.</summary>
    private const double Low = -1e3;

    private readonly Pattern _queries = Any();
    private readonly Pattern _keys = Any();
    private readonly Pattern _values = Any();
    private readonly Pattern _factor = Scalar();
    private readonly Pattern _divisor = Scalar();
    private readonly Pattern _added = Any();
    private readonly Pattern _allowed = Any();
    private readonly Pattern _forbidden = Any();
    private readonly Pattern _low = Scalar();
    private readonly Pattern _windowed = Any();
    private readonly Pattern _inWindows;
    private readonly Pattern _scores;
    private readonly Pattern _guarded;

    public ScaledDotProductAttention()
    {
        _scores = Op("MatMul", _queries, _keys);
        Pattern scaled = (_scores * _factor) | (_scores / _divisor) | _scores;
        Pattern chosen = Op("Where", _allowed, scaled, _low) | Op("Where", _forbidden, _low, scaled) | scaled;
        Pattern masked = (chosen + _added) | chosen;
        _inWindows = Op("Reshape", masked, Any());
        Pattern shifted = Op("Reshape", _inWindows + _windowed, Any());
        Pattern weights = Op("Softmax", n => n.IsOnLastAxis() ? null : "is over another axis", shifted | masked);
        _guarded = Op("Where", Op("IsNaN", weights), 0, weights);
        Formulas = [Op("MatMul", _guarded | weights, _values)];
    }

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.Attention;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match)
    {
        foreach (Value operand in new[] { match[_queries], match[_keys], match[_values] })
        {
            if (operand.Shape?.Rank != 4)
                return $"'{operand.Name}' has not the rank 4";
            // The runtime's kernel refuses what is empty, where products and Softmax give something empty.
            if (operand.Shape.Contains(Dimension.Of(0L)))
                return $"'{operand.Name}' is empty";
            if (operand.ElementType is not (ElementType.Float or ElementType.Float16))
                return $"'{operand.Name}' is {operand.ElementType}";
        }

        return match.Find(_low)?.Scalar() is not { } low || low <= AttentionMask.Lowest || (low <= Low && !match.Has(_added))
            ? null : $"what is masked out is {low}, which is not low enough to be sure";
    }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        double scale = match.Find(_factor)?.Scalar() ?? 1 / (match.Find(_divisor)?.Scalar() ?? 1);
        Value queries = Unscaled(match[_queries], ref scale);
        if (Keys(patch, Unscaled(match[_keys], ref scale), ref scale) is not { } keys)
            return patch.Refuse("the keys are not transposed");
        Value? mask = null;
        if ((match.Has(_low) || match.Has(_added) || match.Has(_windowed)) && (mask = Mask(match, patch)) is null)
            return null;
        return patch.Apply("Attention", mask is null ? [queries, keys, match[_values]] : [queries, keys, match[_values], mask], new FloatAttribute("scale", (float)scale));
    }

    /// <summary>The value without a multiplication by a constant, which goes into the scale.</summary>
    private static Value Unscaled(Value value, ref double scale)
    {
        if (value.Producer is not { Domain.Length: 0, OpType: "Mul" or "Div", Inputs: [{ } a, { } b] } node)
            return value;
        if (b.Scalar() is { } factor && a.Shape?.Rank == value.Shape?.Rank)
            scale *= node.OpType == "Mul" ? factor : 1 / factor;
        else if (node.OpType == "Mul" && a.Scalar() is { } first && b.Shape?.Rank == value.Shape?.Rank)
            (scale, a) = (scale * first, b);
        else
            return value;
        return Unscaled(a, ref scale);
    }

    /// <summary>The keys as [batch, heads, sequence, size], from the form in which queries are multiplied by them; null where that would take a Transpose more.</summary>
    private static Value? Keys(Patch patch, Value transposed, ref double scale)
    {
        if (transposed.Producer is { } node && Permutation.Of(node) is { Rank: 4 } order)
            return TransposedKeys.Restore(patch, Unscaled(node.Inputs[0]!, ref scale), order);
        return transposed.Uses.Select(u => u.Node).FirstOrDefault(n => n.Graph == patch.Graph && TransposedKeys.IsExchange(n))?.Output;
    }

    /// <summary>One mask to add, with an entry for every query and key; null, and the patch's refusal, where that cannot be made.</summary>
    private Value? Mask(Match match, Patch patch)
    {
        Value? mask = match.Find(_added);
        if (match.Find(_low) is { } low)
        {
            // Of a row that masks everything the exporter's formula is the average: what is lowest keeps it, whatever the score was.
            if (match.Find(_added) is null && low.ElementType == ElementType.Float && !(match.Has(_guarded) && double.IsNegativeInfinity(low.Scalar()!.Value)))
                low = patch.Constant("low", Tensor.OfFloat(AttentionMask.Lowest));
            Value zero = patch.Constant("zero", Scalars.Create(low.ElementType, 0));
            Value chosen = match.Find(_allowed) is { } allowed ? patch.Apply("Where", [allowed, zero, low]) : patch.Apply("Where", [match[_forbidden], low, zero]);
            mask = mask is null ? chosen : patch.Apply("Add", [chosen, mask]);
        }

        return match.Find(_windowed) is { } windowed
            ? AttentionMask.OfWindows(patch, mask, windowed, match[_inWindows], match[_scores])
            : AttentionMask.Complete(patch, mask!, match[_scores], match[_queries], match.Has(_guarded));
    }
}
