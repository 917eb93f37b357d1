using System.Collections.Frozen;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>Operators that only quantised models have.</summary>
internal static class QuantizedOperators
{
    private static readonly FrozenSet<string> s_operators = new[]
    {
        "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "MatMulInteger", "ConvInteger",
        "MatMulNBits", "MatMulBnb4", "MatMulFpQ4", "GatherBlockQuantized", "DynamicQuantizeMatMul", "MatMulIntegerToFloat", "DynamicQuantizeLSTM",
        "QAttention", "QGemm", "QMoE", "QEmbedLayerNormalization",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether the node is one.</summary>
    public static bool Includes(Node node) => s_operators.Contains(node.OpType) || node.OpType.StartsWith("QLinear", StringComparison.Ordinal);
}
