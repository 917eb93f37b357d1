using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering;

/// <summary>
/// The kernels that lowering chooses from, as ONNX Runtime 1.29 has them (its documentation's table of operator kernels; a
/// test runs every row for the CPU). Gains are those of <c>docs/kernels.md</c>, which the benchmark project writes.
/// </summary>
internal static class KernelTable
{
    private static readonly ImmutableArray<ElementType> s_float = [ElementType.Float];
    private static readonly ImmutableArray<ElementType> s_halves = [ElementType.Float, ElementType.Float16];
    private static readonly ImmutableArray<ElementType> s_short = [ElementType.Float16, ElementType.BFloat16];
    private static readonly ImmutableArray<ElementType> s_all = [ElementType.Float, ElementType.Float16, ElementType.BFloat16];

    /// <summary>Add and LayerNormalization.</summary>
    public static Kernel SkipLayerNormalization { get; } = new("SkipLayerNormalization",
        new("Cpu", s_halves, 4.76), new("Cuda", s_all), new("WebGpu", s_halves), new("DirectMl", s_halves));

    /// <summary>LayerNormalization alone, as that of a sum with zeros.</summary>
    public static Kernel LayerNormalization { get; } = new("SkipLayerNormalization", new KernelSupport("Cpu", s_float, 4.01))
    {
        MeasuredAs = "LayerNormalization",
        MakesSmaller = false,
    };

    /// <summary>Add and RMSNormalization.</summary>
    public static Kernel SkipSimplifiedLayerNormalization { get; } = new("SkipSimplifiedLayerNormalization",
        new("Cpu", s_halves, 1.32), new("Cuda", s_all), new("WebGpu", s_halves), new("DirectMl", s_halves));

    /// <summary>Add and Gelu by erf.</summary>
    public static Kernel BiasGelu { get; } = new("BiasGelu", new("Cpu", s_float, 0.66), new("Cuda", s_all), new("WebGpu", s_halves), new("DirectMl", s_halves));

    /// <summary>Add and Gelu by tanh.</summary>
    public static Kernel FastGelu { get; } = new("FastGelu", new("Cpu", s_float, 1.01), new("Cuda", s_all), new("WebGpu", s_halves), new("DirectMl", s_halves));

    /// <summary>Swish with any alpha.</summary>
    public static Kernel QuickGelu { get; } = new("QuickGelu", new("Cpu", s_float, 2.73), new("Cuda", s_all), new("WebGpu", s_halves), new("DirectMl", s_halves))
    {
        MakesSmaller = false,
    };

    /// <summary>MatMul of matrices that may be transposed, and a factor.</summary>
    public static Kernel FusedMatMul { get; } = new("FusedMatMul", new("Cpu", s_float, 1.37), new("Cuda", s_all), new("DirectMl", s_halves));

    /// <summary>Three MatMul with Add, and Attention.</summary>
    public static Kernel Attention { get; } = new("Attention", new("Cpu", s_float, 0.96), new("Cuda", s_all), new("WebGpu", s_halves), new("DirectMl", s_halves));

    /// <summary>Attention without groups.</summary>
    public static Kernel MultiHeadAttention { get; } = new("MultiHeadAttention",
        new("Cpu", s_float, 0.78), new("Cuda", s_all), new("WebGpu", s_halves), new("DirectMl", s_halves));

    /// <summary>Attention with groups and a past, causal and padded on the right, rotations included.</summary>
    public static Kernel GroupQueryAttention { get; } = new("GroupQueryAttention",
        new("Cpu", s_halves, 0.77), new("Cuda", s_short), new("WebGpu", s_halves), new("DirectMl", s_halves));

    /// <summary>Every kernel.</summary>
    public static ImmutableArray<Kernel> All { get; } = [SkipLayerNormalization, LayerNormalization, SkipSimplifiedLayerNormalization, BiasGelu, FastGelu, QuickGelu, FusedMatMul, Attention, MultiHeadAttention, GroupQueryAttention];
}
