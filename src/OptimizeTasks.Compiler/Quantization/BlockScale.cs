using System.Numerics;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>How one block is quantised: what its extremes decide.</summary>
/// <param name="Scale">The scale as it is stored; 0 for a block of zeros, and where it would be too small to divide by.</param>
/// <param name="Inverse">What elements are multiplied with.</param>
/// <param name="ZeroPoint">The code of 0.</param>
internal readonly record struct BlockScale(float Scale, float Inverse, int ZeroPoint)
{
    /// <summary>The scale of a block.</summary>
    /// <param name="format">The format.</param>
    /// <param name="scaleType">The type that scales are stored in: they are rounded to it before codes are computed.</param>
    /// <param name="least">The least element, or 0 if all are greater.</param>
    /// <param name="greatest">The greatest element, or 0 if all are less.</param>
    public static BlockScale Of(BlockFormat format, ElementType scaleType, float least, float greatest)
    {
        // Symmetric: what is furthest from 0 gets the lowest code, which lies further from the middle than the highest.
        float scale = format.IsSymmetric
            ? (greatest > -least ? greatest : least) / -format.MiddleCode
            : (greatest / (format.Codes - 1)) - (least / (format.Codes - 1));
        if (scaleType == ElementType.Float16)
            scale = (float)(Half)Math.Clamp(scale, (float)Half.MinValue, (float)Half.MaxValue);
        if (Math.Abs(scale) < ScaleLimits.SmallestNormal)
            return new BlockScale(0, 0, format.MiddleCode);
        float inverse = 1 / scale;
        int zeroPoint = format.IsSymmetric ? format.MiddleCode : Math.Clamp((int)MathF.Round(-least * inverse), 0, format.Codes - 1);
        return new BlockScale(scale, inverse, zeroPoint);
    }

    /// <summary>The scales and inverses of symmetric blocks side by side, stored in single precision: the same numbers as one by one.</summary>
    public static (Vector<float> Scale, Vector<float> Inverse) OfSymmetric(BlockFormat format, Vector<float> least, Vector<float> greatest)
    {
        Vector<float> scale = Vector.ConditionalSelect(Vector.GreaterThan(greatest, -least), greatest, least) / new Vector<float>(-format.MiddleCode);
        Vector<int> isTooSmall = Vector.LessThan(Vector.Abs(scale), new Vector<float>(ScaleLimits.SmallestNormal));
        return (Vector.ConditionalSelect(isTooSmall, Vector<float>.Zero, scale), Vector.ConditionalSelect(isTooSmall, Vector<float>.Zero, Vector<float>.One / scale));
    }
}
