using System.Numerics;
using System.Runtime.CompilerServices;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>The greatest magnitudes of some elements, side by side.</summary>
internal ref struct Peaks
{
    public Vector<float> Greatest;

    /// <summary>0 while all elements are finite.</summary>
    public Vector<float> Check;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Vector<float> elements)
    {
        Vector<float> magnitudes = Vector.Abs(elements);
        Greatest = Vector.ConditionalSelect(Vector.GreaterThan(magnitudes, Greatest), magnitudes, Greatest);
        Check += elements * 0f;
    }
}
