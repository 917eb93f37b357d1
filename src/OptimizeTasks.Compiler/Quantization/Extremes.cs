using System.Numerics;
using System.Runtime.CompilerServices;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>
/// The least and greatest of 0 and some elements, side by side. Compared are their bits: as signed integers, what is positive
/// stands in the order of its size above all that is negative, and as unsigned ones what is negative stands so above all that
/// is positive, NaN and infinity furthest out.
/// </summary>
internal ref struct Extremes
{
    private Vector<int> _positive;
    private Vector<uint> _negative;

    /// <summary>The least element, or 0 if all are greater.</summary>
    public readonly Vector<float> Least
    {
        get
        {
            Vector<int> bits = Vector.AsVectorInt32(_negative);
            return Vector.AsVectorSingle(bits & Vector.ShiftRightArithmetic(bits, 31));
        }
    }

    /// <summary>The greatest element, or 0 if all are less.</summary>
    public readonly Vector<float> Greatest => Vector.AsVectorSingle(_positive);

    /// <summary>0 while all elements are finite.</summary>
    public readonly Vector<float> Check => (Least * 0f) + (Greatest * 0f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Vector<float> elements)
    {
        _positive = Vector.Max(_positive, Vector.AsVectorInt32(elements));
        _negative = Vector.Max(_negative, Vector.AsVectorUInt32(elements));
    }
}
