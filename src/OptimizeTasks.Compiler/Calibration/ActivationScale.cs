using OptimizeTasks.Compiler.Quantization;

namespace OptimizeTasks.Compiler.Calibration;

/// <summary>How an activation becomes 8 bits: x ≈ (code − zero point) · scale.</summary>
/// <param name="Scale">The scale, in the precision that models store.</param>
/// <param name="ZeroPoint">The code of 0, which every range has: padding is exact.</param>
internal readonly record struct ActivationScale(float Scale, int ZeroPoint)
{
    /// <summary>The greatest unsigned code; the least is 0.</summary>
    public const int GreatestUnsigned = 255;

    /// <summary>The greatest signed code; the least is taken for its opposite.</summary>
    public const int GreatestSigned = 127;

    /// <summary>Unsigned codes, 0 at any of them.</summary>
    public static ActivationScale Asymmetric(ActivationRange range)
    {
        double least = Math.Min(0, range.Least), greatest = Math.Max(0, range.Greatest);
        float scale = Usable((greatest - least) / GreatestUnsigned);
        return new ActivationScale(scale, (int)Math.Clamp(Math.Round(-least / scale), 0, GreatestUnsigned));
    }

    /// <summary>Signed codes, 0 in the middle.</summary>
    public static ActivationScale Symmetric(ActivationRange range) =>
        new(Usable(Math.Max(Math.Abs(range.Least), Math.Abs(range.Greatest)) / GreatestSigned), 0);

    /// <summary>1 where there is nothing but zeros, or numbers too small to divide by.</summary>
    private static float Usable(double scale) => (float)scale is >= ScaleLimits.SmallestNormal and var usable ? Math.Min(usable, float.MaxValue) : 1;
}
