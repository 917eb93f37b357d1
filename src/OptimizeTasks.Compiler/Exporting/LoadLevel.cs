using System.Collections.Frozen;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Exporting;

/// <summary>
/// How much ONNX Runtime shall still optimise a compiled model when it is loaded: everything where that makes the model
/// faster, else only what costs next to nothing. A rule on the graph, so that equal models are loaded alike everywhere;
/// its ground is the start table of <c>docs/benchmarks.md</c>. Where operators are that the runtime fuses or lays out
/// otherwise, all levels start within some milliseconds of one another, and the highest runs fastest.
/// </summary>
internal static class LoadLevel
{
    /// <summary>The operators that the runtime's higher levels begin at: convolutions and what stands between them for the layout, the others for fusions.</summary>
    private static readonly FrozenSet<string> s_profiting = new[]
    {
        "Conv", "ConvTranspose", "ConvInteger", "QLinearConv", "MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool",
        "MatMul", "Gemm", "MatMulInteger", "QLinearMatMul", "Attention", "Softmax", "LayerNormalization", "SkipLayerNormalization", "Gelu", "Erf",
        "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "Einsum",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The level for a graph.</summary>
    public static LoadOptimization Of(Graph graph) =>
        graph.AllNodes().Any(node => s_profiting.Contains(node.OpType)) ? LoadOptimization.All : LoadOptimization.Basic;
}
