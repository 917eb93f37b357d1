using System.Collections.Immutable;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>Which execution providers compute with which format.</summary>
internal static class FormatSupport
{
    private static readonly ImmutableArray<string> s_dynamic = ["Cpu"];
    private static readonly ImmutableArray<string> s_blocks = ["Cpu", "Cuda", "WebGpu"];

    /// <summary>Why a model for these providers cannot have the format; null where it can.</summary>
    public static string? Refuse(WeightFormat format, CompilerOptions options)
    {
        if (format == WeightFormat.Static)
            return RefuseStatic(options);
        if (format != WeightFormat.Float && options.Engine == Engine.Portable)
            return $"the kernels for {format} are ONNX Runtime's own, and Engine is Portable";
        ImmutableArray<string> able = format switch
        {
            WeightFormat.Float => options.Providers,
            WeightFormat.Dynamic => s_dynamic,
            _ => s_blocks,
        };
        return options.Providers.FirstOrDefault(provider => !able.Contains(provider)) is { } unable ? $"{unable} has no kernel for {format}" : null;
    }

    /// <summary>Whether a statically quantised model has ONNX Runtime's own kernels: standard operators are for everybody else.</summary>
    public static bool HasStaticKernels(CompilerOptions options) => options.Engine == Engine.OnnxRuntime && IsForCpuAlone(options);

    /// <summary>Whether nothing but the CPU is to run the model.</summary>
    public static bool IsForCpuAlone(CompilerOptions options) => options.Providers.All(provider => provider == "Cpu");

    /// <summary>Whether the code of 0 has to be the middle one.</summary>
    public static bool IsSymmetric(CompilerOptions options) => options.Providers.Contains("TensorRt");

    private static string? RefuseStatic(CompilerOptions options) => options.Providers[0] switch
    {
        "Cuda" => "Cuda computes QuantizeLinear and DequantizeLinear in floating point, slower than without them; Int8, Int4 and Precision Float16 have kernels there, and Static has on TensorRt",
        "WebGpu" => "WebGpu has no kernel for Static; Int8 and Int4 have some there",
        _ => null,
    };
}
