using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>Masks that kernels add to the scores.</summary>
internal static class AdditiveMask
{
    /// <summary>Why the kernels do not take the mask: they want [queries, keys] at the end, a size of 1 or all before them, and no −∞.</summary>
    public static string? Refuse(Value mask, ElementType type, Dimension queries, Dimension keys)
    {
        if (mask.ElementType != type || mask.Shape is not { Rank: >= 2 and <= 4 } shape || !shape[^2].Equals(queries) || !shape[^1].Equals(keys))
            return $"the mask '{mask.Name}' is not of floats, or not for every query and key";
        return FiniteMask.IsProven(mask) ? null : $"the mask '{mask.Name}' may have −∞";
    }

    /// <summary>The mask with axes for the batch and the heads.</summary>
    public static Value WithFourAxes(Patch patch, Value mask) =>
        mask.Shape!.Rank == 4 ? mask : patch.Unsqueeze(mask, [.. Enumerable.Range(0, 4 - mask.Shape.Rank).Select(i => (long)i)]);
}
