using System.Numerics;
using System.Runtime.CompilerServices;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>How one channel becomes signed 8 bits: x ≈ code · scale, codes from −127 to 127.</summary>
/// <param name="Scale">The scale; 1 for a channel of zeros, or of numbers too small to divide by, so that nobody divides by 0.</param>
/// <param name="Inverse">What elements are multiplied with.</param>
internal readonly record struct ChannelScale(float Scale, float Inverse)
{
    /// <summary>The greatest code; the least is its opposite.</summary>
    public const int GreatestCode = 127;

    /// <summary>The scale of a channel whose elements have this greatest magnitude.</summary>
    public static ChannelScale Of(float peak)
    {
        float scale = peak / GreatestCode;
        return scale < ScaleLimits.SmallestNormal ? new ChannelScale(1, 0) : new ChannelScale(scale, 1 / scale);
    }

    /// <summary>The codes of some elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<int> ToCodes(Vector<float> elements, Vector<float> inverse) =>
        Rounding.ToCodes(elements, inverse, Vector<int>.Zero, new Vector<int>(-GreatestCode), new Vector<int>(GreatestCode));

    /// <summary>The code of one element: the same as in a vector.</summary>
    public static sbyte ToCode(float element, float inverse) => (sbyte)Math.Clamp(MathF.Round(element * inverse), -GreatestCode, GreatestCode);

    /// <summary>Makes signed bytes of four vectors of codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<sbyte> Narrow(Vector<int> first, Vector<int> second, Vector<int> third, Vector<int> fourth) =>
        Vector.Narrow(Vector.Narrow(first, second), Vector.Narrow(third, fourth));
}
