using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering;

/// <summary>The steps that standard operators are written in.</summary>
internal static class Arithmetic
{
    /// <summary>A number of the type of <paramref name="like"/>.</summary>
    public static Value Number(this Patch patch, Value like, double number) => patch.Constant("number", Scalars.Create(like.ElementType, number));

    public static Value Integers(this Patch patch, params ReadOnlySpan<long> numbers) => patch.Constant("integers", Tensor.OfInt64(numbers));

    public static Value Add(this Patch patch, Value a, Value b) => patch.Apply("Add", [a, b]);

    public static Value Sub(this Patch patch, Value a, Value b) => patch.Apply("Sub", [a, b]);

    public static Value Mul(this Patch patch, Value a, Value b) => patch.Apply("Mul", [a, b]);

    public static Value Reshape(this Patch patch, Value x, params ReadOnlySpan<long> sizes) => patch.Apply("Reshape", [x, patch.Integers(sizes)]);

    public static Value Unsqueeze(this Patch patch, Value x, params ReadOnlySpan<long> axes) => patch.Apply("Unsqueeze", [x, patch.Integers(axes)]);

    public static Value Transpose(this Patch patch, Value x, params long[] permutation) => patch.Apply("Transpose", [x], new IntsAttribute("perm", [.. permutation]));

    public static Value Concat(this Patch patch, long axis, params Value[] parts) => patch.Apply("Concat", parts, new IntAttribute("axis", axis));

    public static Value Cast(this Patch patch, Value x, ElementType type) => x.ElementType == type ? x : patch.Apply("Cast", [x], new IntAttribute("to", (long)type));

    /// <summary>One size of a value, as a scalar.</summary>
    public static Value Size(this Patch patch, Value x, long axis) =>
        patch.Apply("Squeeze", [patch.Apply("Shape", [x], new IntAttribute("start", axis), new IntAttribute("end", axis + 1))]);

    /// <summary>[batch, sequence, heads · size] to [batch, heads, sequence, size].</summary>
    public static Value SplitHeads(this Patch patch, Value x, long heads) => patch.Transpose(patch.Reshape(x, 0, 0, heads, -1), 0, 2, 1, 3);

    /// <summary>[batch, heads, sequence, size] to [batch, sequence, heads · size].</summary>
    public static Value JoinHeads(this Patch patch, Value x) => patch.Reshape(patch.Transpose(x, 0, 2, 1, 3), 0, 0, -1);
}
