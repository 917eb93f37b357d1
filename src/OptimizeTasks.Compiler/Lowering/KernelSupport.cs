using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering;

/// <summary>A kernel of one execution provider.</summary>
/// <param name="Provider">The provider, by the name that <c>Providers</c> has for it.</param>
/// <param name="Types">The element types that it computes with.</param>
/// <param name="Gain">
/// How many times as fast it is as the operators that it replaces, by the kernel table of the benchmarks; null where it was
/// not measured, and is taken for what its authors made it for.
/// </param>
internal sealed record KernelSupport(string Provider, ImmutableArray<ElementType> Types, double? Gain = null)
{
    /// <summary>Differences below are none.</summary>
    private const double Noise = 0.02;

    /// <summary>Whether it is a choice at all: a kernel that makes a model slower is none, one that is as fast makes it smaller.</summary>
    /// <param name="makesSmaller">Whether it takes the place of several nodes.</param>
    public bool IsWorthwhile(bool makesSmaller) => Gain is not { } gain || gain >= (makesSmaller ? 1 - Noise : 1 + Noise);
}
