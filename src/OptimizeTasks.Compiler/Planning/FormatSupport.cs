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
}
