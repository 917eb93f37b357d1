using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>
/// Masks in the form that Attention kernels take: the last two sizes are those of the scores, none is left to broadcasting,
/// and nothing is so low that a kernel takes it for −∞.
/// </summary>
internal static class AttentionMask
{
    /// <summary>
    /// Added to any score that occurs, it gives itself. A query all of whose keys have it averages over them, as Softmax does;
    /// where they have −∞, or the lowest number, ONNX Runtime's Attention gives 0.
    /// </summary>
    public const float Lowest = -1e30f;

    private const long LargestConstant = 16 << 20;

    /// <summary>The mask with the last two sizes of the scores; null, and the patch's refusal, where they cannot be told.</summary>
    /// <param name="patch">The patch.</param>
    /// <param name="mask">What is added to the scores.</param>
    /// <param name="scores">[batch, heads, queries, keys].</param>
    /// <param name="queries">[batch, heads, queries, size].</param>
    /// <param name="keepsInfinity">Whether −∞ for every key is to give 0, as Attention does.</param>
    public static Value? Complete(Patch patch, Value mask, Value scores, Value queries, bool keepsInfinity = false)
    {
        if (mask.Shape is not { Rank: >= 2 and <= 4 } shape || scores.Shape is not { Rank: 4 } full)
            return patch.Refuse($"the rank of the mask '{mask.Name}' is not known, or not 2 to 4");
        // A mask of a size of its own must have the size of the keys at run time: nothing else can be multiplied by the values.
        if (!Dimension.Broadcast(shape[^1], full[^1]).Equals(shape[^1]) || shape[^1].Equals(Dimension.Of(1)))
            return patch.Refuse($"the mask '{mask.Name}' has {shape[^1]} entries for {full[^1]} keys");
        mask = Raised(patch, mask, keepsInfinity);
        if (shape[^2].Equals(full[^2]))
            return mask;
        if (!shape[^2].Equals(Dimension.Of(1)))
            return patch.Refuse($"the mask '{mask.Name}' has {shape[^2]} entries for {full[^2]} queries");
        Value one = patch.Constant("one", Tensor.OfInt64(1));
        return patch.Apply("Expand", [mask, patch.Apply("Concat", [patch.SizeFromInput(full[^2], queries, 2), one], new IntAttribute("axis", 0))]);
    }

    /// <summary>
    /// A mask for windows that a batch holds one behind the other, where the scores were taken apart into
    /// [batch, windows, heads, queries, keys] to add it; null, and the patch's refusal, where the sizes are not known.
    /// </summary>
    /// <param name="patch">The patch.</param>
    /// <param name="mask">What is added to the scores of every window, or null.</param>
    /// <param name="windowed">What is added to the scores taken apart.</param>
    /// <param name="apart">The scores taken apart.</param>
    /// <param name="scores">[batch · windows, heads, queries, keys].</param>
    public static Value? OfWindows(Patch patch, Value? mask, Value windowed, Value apart, Value scores)
    {
        if (windowed.Shape is not { Rank: 5 } own || apart.Shape is not { Rank: 5 } full || scores.Shape is not { Rank: 4 } shape || mask?.Shape is { Rank: > 4 }
            || !own[1].Equals(full[1]) || !shape[1].TryGetValue(out long heads) || !shape[2].TryGetValue(out long queries) || !shape[3].TryGetValue(out long keys)
            || !full.Skip(2).SequenceEqual(shape.Skip(1)) || !(full[0] * full[1]).Equals(shape[0]) || (mask is not null && !mask.Shape![0].Equals(Dimension.Of(1))))
            return patch.Refuse($"the mask '{windowed.Name}' is not one for windows of known sizes");
        Value all = Raised(patch, mask is null ? windowed : patch.Apply("Add", [windowed, mask]));
        if (!full[0].Equals(Dimension.Of(1)))
            all = patch.Apply("Expand", [all, patch.Apply("Concat", [patch.SizeFromInput(full[0], apart, 0), patch.Constant("ones", Tensor.OfInt64(1, heads, 1, 1))], new IntAttribute("axis", 0))]);
        return patch.Apply("Reshape", [all, patch.Constant("windows", Tensor.OfInt64(-1, heads, queries, keys))]);
    }

    /// <summary>The mask with nothing below <see cref="Lowest"/>, but −∞ where that is kept.</summary>
    private static Value Raised(Patch patch, Value mask, bool keepsInfinity = false)
    {
        if (mask.ElementType != ElementType.Float || (mask.Constant is { ByteLength: <= LargestConstant } tensor && !tensor.Read<float>().ContainsAnyInRange(
            keepsInfinity ? float.MinValue : float.NegativeInfinity, MathF.BitDecrement(Lowest))))
            return mask;
        Value lowest = patch.Constant("lowest", Tensor.OfFloat(Lowest));
        if (!keepsInfinity && Count(mask) is { } count)
            return patch.Apply("Mul", [count, lowest]);
        Value raised = patch.Apply("Max", [mask, lowest]);
        return keepsInfinity ? patch.Apply("Where", [patch.Apply("IsInf", [mask]), mask, raised]) : raised;
    }

    /// <summary>What is multiplied by a number below <see cref="Lowest"/>, if it is a whole number: it forbids by that as well. Null for other masks.</summary>
    private static Value? Count(Value mask)
    {
        if (mask.Producer is not { Domain.Length: 0, OpType: "Mul", Inputs: [{ } a, { } b] })
            return null;
        (Value factor, Value number) = b.Constant is null ? (b, a) : (a, b);
        return number.Scalar() is < Lowest && factor.IsWholeNumber() ? factor : null;
    }
}
