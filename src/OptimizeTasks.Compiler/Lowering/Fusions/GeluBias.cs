using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>A bias that the kernels of Gelu add themselves: one number for each place of the last axis.</summary>
internal static class GeluBias
{
    /// <summary>Such a bias.</summary>
    public static Pattern Any => Formula.Any(v => v.Constant is { Rank: 1 } ? null : "is no constant of rank 1");

    /// <summary>Why the bias does not fit what it is added to; null where it does.</summary>
    public static string? Refuse(Value x, Value bias) =>
        x.Shape is { Rank: > 0 } shape && shape[^1].Equals(bias.Shape![0]) ? null : $"'{bias.Name}' does not have the last size of '{x.Name}'";
}
