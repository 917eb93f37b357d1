using System.Numerics;
using System.Runtime.Intrinsics;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>
/// Searches the scale of a block that causes the least squared error. Errors are summed in four parts, element i in part
/// i mod 4, whether a block stands in a row or in a column: both give the same bytes, and so does every processor.
/// </summary>
internal static class Clipping
{
    /// <summary>Scales smaller than the furthest number asks for.</summary>
    private const int Smaller = 16;

    /// <summary>Scales larger than that: where codes are symmetric, they reach less far on the other side of 0.</summary>
    private const int Larger = 5;

    private const float Step = 1f / 40;

    /// <summary>The scale of a block that stands in a row.</summary>
    public static BlockScale Best(BlockFormat format, ElementType scaleType, ReadOnlySpan<float> elements, float least, float greatest)
    {
        var best = BlockScale.Of(format, scaleType, least, greatest);
        float smallest = Error(format, best, elements);
        for (int i = 1; i <= Smaller + Larger; i++)
        {
            BlockScale scale = Candidate(i, format, scaleType, least, greatest);
            float error = Error(format, scale, elements);
            if (error < smallest)
                (best, smallest) = (scale, error);
        }

        return best;
    }

    /// <summary>The scales of blocks that stand in columns, each in a lane.</summary>
    /// <param name="format">The format.</param>
    /// <param name="scaleType">The type of the scales.</param>
    /// <param name="elements">The elements, rows apart by the stride.</param>
    /// <param name="stride">Where the next row begins.</param>
    /// <param name="extremes">The extremes of the blocks.</param>
    /// <param name="scales">Receives the scales; as many lanes count as it has room for.</param>
    public static void Best(BlockFormat format, ElementType scaleType, ReadOnlySpan<float> elements, int stride, Extremes extremes, Span<BlockScale> scales)
    {
        Span<float> smallest = stackalloc float[Vector<float>.Count];
        Span<BlockScale> tried = stackalloc BlockScale[scales.Length];
        smallest.Fill(float.PositiveInfinity);
        for (int i = 0; i <= Smaller + Larger; i++)
        {
            for (int lane = 0; lane < tried.Length; lane++)
                tried[lane] = Candidate(i, format, scaleType, extremes.Least[lane], extremes.Greatest[lane]);
            Vector<float> errors = Errors(format, tried, elements, stride);
            for (int lane = 0; lane < tried.Length; lane++)
            {
                if (i == 0 || errors[lane] < smallest[lane])
                    (scales[lane], smallest[lane]) = (tried[lane], errors[lane]);
            }
        }
    }

    private static BlockScale Candidate(int number, BlockFormat format, ElementType scaleType, float least, float greatest)
    {
        float ratio = number <= Smaller ? 1 - (number * Step) : 1 + ((number - Smaller) * Step);
        return BlockScale.Of(format, scaleType, least * ratio, greatest * ratio);
    }

    private static float Error(BlockFormat format, BlockScale scale, ReadOnlySpan<float> elements)
    {
        var step = Vector128.Create(scale.Scale);
        var inverse = Vector128.Create(scale.Inverse);
        var zeroPoint = Vector128.Create(scale.ZeroPoint);
        var greatest = Vector128.Create(format.Codes - 1);
        Vector128<float> sum = Vector128<float>.Zero;
        for (int i = 0; i < elements.Length; i += Vector128<float>.Count)
        {
            var element = Vector128.Create(elements[i..]);
            Vector128<int> code = Rounding.ToCodes(element, inverse, zeroPoint, Vector128<int>.Zero, greatest) - zeroPoint;
            Vector128<float> difference = element - (Vector128.ConvertToSingle(code) * step);
            sum += difference * difference;
        }

        return sum[0] + sum[1] + (sum[2] + sum[3]);
    }

    private static Vector<float> Errors(BlockFormat format, ReadOnlySpan<BlockScale> scales, ReadOnlySpan<float> elements, int stride)
    {
        var rounding = new LaneRounding(format, scales);
        Vector<float> first = Vector<float>.Zero, second = first, third = first, fourth = first;
        for (int row = 0; row < format.BlockSize; row += 4)
        {
            first += Square(row, elements);
            second += Square(row + 1, elements);
            third += Square(row + 2, elements);
            fourth += Square(row + 3, elements);
        }

        return first + second + (third + fourth);

        Vector<float> Square(int row, ReadOnlySpan<float> elements)
        {
            var element = new Vector<float>(elements[(row * stride)..]);
            Vector<float> difference = element - rounding.Round(element);
            return difference * difference;
        }
    }
}
