using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>Values of more axes than the kernels of normalisations take, as rows of the last axis.</summary>
internal static class KernelRows
{
    /// <summary>The most axes that the kernels take.</summary>
    private const int MostAxes = 3;

    /// <summary>The value itself, or its rows, where it has too many axes.</summary>
    public static Value Rows(this Patch patch, Value value) => value.Shape!.Rank <= MostAxes ? value : patch.Reshape(value, -1, LastSize(value));

    /// <summary>Rows with the shape that <paramref name="original"/> has, where it had too many axes; null, and the patch's refusal, as <see cref="ShapedAs"/>.</summary>
    public static Value? FromRows(this Patch patch, Value rows, Value original) => original.Shape!.Rank <= MostAxes ? rows : patch.ShapedAs(rows, original);

    /// <summary>The elements in the shape of <paramref name="original"/>; null, and the patch's refusal, where more than one size is unknown.</summary>
    public static Value? ShapedAs(this Patch patch, Value rows, Value original) =>
        ReshapeTargets.Of(rows.Shape!, original.Shape!) is { } target ? patch.Reshape(rows, target) : patch.Refuse($"several sizes of '{original.Name}' are not known");

    /// <summary>The last size, which is known.</summary>
    public static long LastSize(Value value) => value.Shape![^1].TryGetValue(out long size) ? size : throw new InvalidOperationException("The last size is not known.");
}
