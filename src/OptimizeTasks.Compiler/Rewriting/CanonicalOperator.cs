using System.Collections.Immutable;

namespace OptimizeTasks.Compiler.Rewriting;

/// <summary>A standard operator that formulas become.</summary>
/// <param name="Name">The operator.</param>
/// <param name="Opset">The operator set that has it in the form that rules write.</param>
/// <param name="Providers">The execution providers of ONNX Runtime with a kernel for it; empty where every one has, or takes it apart without loss.</param>
internal sealed record CanonicalOperator(string Name, long Opset, ImmutableArray<string> Providers)
{
    private static readonly ImmutableArray<string> s_newest = ["Cpu", "Cuda"];

    public static CanonicalOperator Gemm { get; } = new("Gemm", 13, []);

    public static CanonicalOperator Softmax { get; } = new("Softmax", 13, []);

    public static CanonicalOperator LogSoftmax { get; } = new("LogSoftmax", 13, []);

    public static CanonicalOperator DepthToSpace { get; } = new("DepthToSpace", 13, []);

    public static CanonicalOperator SpaceToDepth { get; } = new("SpaceToDepth", 13, []);

    public static CanonicalOperator HardSwish { get; } = new("HardSwish", 14, []);

    public static CanonicalOperator LayerNormalization { get; } = new("LayerNormalization", 17, []);

    public static CanonicalOperator Mish { get; } = new("Mish", 18, []);

    public static CanonicalOperator Gelu { get; } = new("Gelu", 20, []);

    /// <summary>On the CPU, ONNX Runtime takes it apart into more than InstanceNormalization takes.</summary>
    public static CanonicalOperator GroupNormalization { get; } = new("GroupNormalization", 21, ["Cuda"]);

    public static CanonicalOperator RmsNormalization { get; } = new("RMSNormalization", 23, s_newest);

    public static CanonicalOperator RotaryEmbedding { get; } = new("RotaryEmbedding", 23, s_newest);

    public static CanonicalOperator Attention { get; } = new("Attention", 23, s_newest);

    public static CanonicalOperator Swish { get; } = new("Swish", 24, s_newest);

    /// <summary>Why a model of this operator set cannot have the operator; null where it can.</summary>
    /// <param name="opset">The model's operator set.</param>
    /// <param name="options">What the user asked for.</param>
    public string? Refuse(long opset, CompilerOptions options)
    {
        if (opset < Opset)
            return $"{Name} needs operator set {Opset}, and the model stays in {opset}";
        if (options.Opset < Opset)
            return $"{Name} needs operator set {Opset}, and Opset allows {options.Opset}";
        return Providers.IsEmpty ? null : options.Providers.Except(Providers).FirstOrDefault() is { } other ? $"{other} has no kernel for {Name}" : null;
    }
}
