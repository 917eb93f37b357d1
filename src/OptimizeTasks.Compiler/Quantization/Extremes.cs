using System.Numerics;
using System.Runtime.CompilerServices;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>The least and greatest of 0 and some elements, side by side.</summary>
internal ref struct Extremes
{
    public Vector<float> Least;
    public Vector<float> Greatest;

    /// <summary>0 while all elements are finite.</summary>
    public Vector<float> Check;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Vector<float> elements)
    {
        // Comparisons, since minimum and maximum treat NaN differently on different processors.
        Least = Vector.ConditionalSelect(Vector.LessThan(elements, Least), elements, Least);
        Greatest = Vector.ConditionalSelect(Vector.GreaterThan(elements, Greatest), elements, Greatest);
        Check += elements * 0f;
    }
}
