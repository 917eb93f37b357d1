using System.Numerics;
using System.Runtime.CompilerServices;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>
/// Rounds to the nearest integer, ties to even, by adding a number whose last bit counts ones. A product and a sum, each
/// rounded by itself: the same on every processor.
/// </summary>
internal static class Rounding
{
    private const float Magic = 12_582_912; // 1.5 · 2^23
    private const int MagicBits = 0x4b40_0000;

    /// <summary>round(x · inverse) + zeroPoint, within the codes from least to greatest. For |x · inverse| below 2^22.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<int> ToCodes(Vector<float> x, Vector<float> inverse, Vector<int> zeroPoint, Vector<int> least, Vector<int> greatest)
    {
        Vector<int> integer = Vector.AsVectorInt32((x * inverse) + new Vector<float>(Magic)) - new Vector<int>(MagicBits);
        return Vector.Min(Vector.Max(integer + zeroPoint, least), greatest);
    }
}
