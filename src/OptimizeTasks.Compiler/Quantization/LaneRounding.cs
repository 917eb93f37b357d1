using System.Numerics;
using System.Runtime.CompilerServices;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>Rounds numbers to what their codes stand for, each lane with a scale of its own.</summary>
internal readonly struct LaneRounding
{
    private readonly Vector<float> _scale;
    private readonly Vector<float> _inverse;
    private readonly Vector<int> _zeroPoint;
    private readonly Vector<int> _greatest;

    /// <summary>Rounds with these scales, one for each lane; those of further lanes are 0.</summary>
    public LaneRounding(BlockFormat format, ReadOnlySpan<BlockScale> scales)
    {
        Span<float> steps = stackalloc float[Vector<float>.Count], inverses = stackalloc float[Vector<float>.Count];
        Span<int> zeroPoints = stackalloc int[Vector<int>.Count];
        steps.Clear();
        inverses.Clear();
        zeroPoints.Clear();
        for (int lane = 0; lane < scales.Length; lane++)
            (steps[lane], inverses[lane], zeroPoints[lane]) = scales[lane];
        _scale = new Vector<float>(steps);
        _inverse = new Vector<float>(inverses);
        _zeroPoint = new Vector<int>(zeroPoints);
        _greatest = new Vector<int>(format.Codes - 1);
    }

    /// <summary>What the nearest codes stand for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Round(Vector<float> numbers) =>
        Vector.ConvertToSingle(Rounding.ToCodes(numbers, _inverse, _zeroPoint, Vector<int>.Zero, _greatest) - _zeroPoint) * _scale;
}
