using OptimizeTasks.Compiler.Verification;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>
/// What error a format may cost on drawn inputs: beyond it, the result has little to do with the original. What an
/// application can bear, <see cref="CompilerOptions.AccuracyBudget"/> says.
/// </summary>
internal static class FormatTolerance
{
    private const double EightBits = 0.1;
    private const double FourBits = 0.5;

    /// <summary>Activations lose as much in every layer as weights do, and beyond the ranges of the samples they saturate.</summary>
    private const double EightBitActivations = 0.2;

    /// <summary>The greatest relative L2 error of a model that was compiled by this plan; null stands for no plan.</summary>
    public static double Of(CompressionPlan? plan) => (plan?.Nodes ?? []).Select(node => Of(node.Format)).Append(VerificationOptions.DefaultTolerance).Max();

    /// <summary>The greatest relative L2 error of a model that was given this precision; null stands for its own.</summary>
    public static double Of(ComputePrecision? precision) => Math.Max(VerificationOptions.DefaultTolerance, precision switch
    {
        ComputePrecision.Float16 => Precision.Of(ElementType.Float16),
        ComputePrecision.BFloat16 => Precision.Of(ElementType.BFloat16),
        _ => 0,
    });

    private static double Of(WeightFormat format) => format switch
    {
        WeightFormat.Int4 => FourBits,
        WeightFormat.Static => EightBitActivations,
        WeightFormat.Float => VerificationOptions.DefaultTolerance,
        _ => EightBits,
    };
}
