using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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

    /// <inheritdoc cref="ToCodes(Vector{float}, Vector{float}, Vector{int}, Vector{int}, Vector{int})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> ToCodes(Vector128<float> x, Vector128<float> inverse, Vector128<int> zeroPoint, Vector128<int> least, Vector128<int> greatest)
    {
        Vector128<int> integer = ((x * inverse) + Vector128.Create(Magic)).AsInt32() - Vector128.Create(MagicBits);
        return Vector128.Min(Vector128.Max(integer + zeroPoint, least), greatest);
    }
}
