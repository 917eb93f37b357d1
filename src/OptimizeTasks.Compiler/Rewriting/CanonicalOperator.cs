using System.Collections.Immutable;

namespace OptimizeTasks.Compiler.Rewriting;

/// <summary>A standard operator that formulas become.</summary>
/// <param name="Name">The operator.</param>
/// <param name="Opset">The operator set that has it in the form that rules write.</param>
/// <param name="Expanding">The execution providers that have no kernel for it, and get it expanded into plain operators.</param>
internal sealed record CanonicalOperator(string Name, long Opset, params ImmutableArray<string> Expanding) : TargetOperator(Name)
{
    /// <summary>Those that know the operators of 2023 at most.</summary>
    private static readonly ImmutableArray<string> s_older = ["WebGpu", "DirectMl", "TensorRt", "OpenVino", "CoreMl", "Qnn"];

    public static CanonicalOperator Gemm { get; } = new("Gemm", 13);

    public static CanonicalOperator MatMul { get; } = new("MatMul", 13);

    public static CanonicalOperator Softmax { get; } = new("Softmax", 13);

    public static CanonicalOperator LogSoftmax { get; } = new("LogSoftmax", 13);

    public static CanonicalOperator DepthToSpace { get; } = new("DepthToSpace", 13);

    public static CanonicalOperator SpaceToDepth { get; } = new("SpaceToDepth", 13);

    public static CanonicalOperator HardSwish { get; } = new("HardSwish", 14);

    public static CanonicalOperator LayerNormalization { get; } = new("LayerNormalization", 17);

    public static CanonicalOperator Mish { get; } = new("Mish", 18, s_older);

    public static CanonicalOperator Gelu { get; } = new("Gelu", 20);

    /// <summary>On the CPU, ONNX Runtime takes it apart into more than InstanceNormalization takes.</summary>
    public static CanonicalOperator GroupNormalization { get; } = new("GroupNormalization", 21, ["Cpu", .. s_older]);

    public static CanonicalOperator RmsNormalization { get; } = new("RMSNormalization", 23, s_older);

    public static CanonicalOperator RotaryEmbedding { get; } = new("RotaryEmbedding", 23, s_older);

    public static CanonicalOperator Attention { get; } = new("Attention", 23, s_older);

    public static CanonicalOperator Swish { get; } = new("Swish", 24, s_older);

    /// <inheritdoc/>
    public override string? Refuse(long opset, CompilerOptions options)
    {
        if (opset < Opset)
            return $"{Name} needs operator set {Opset}, and the model stays in {opset}";
        return options.Opset < Opset ? $"{Name} needs operator set {Opset}, and Opset allows {options.Opset}" : null;
    }

    /// <summary>Whether one of those who will run the model needs plain operators in its place.</summary>
    public bool IsExpandedFor(CompilerOptions options) => options.Opset < Opset || options.Providers.Any(p => Expanding.Contains(p, StringComparer.Ordinal));
}
