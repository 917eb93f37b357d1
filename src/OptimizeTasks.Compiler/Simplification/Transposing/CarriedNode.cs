using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification.Transposing;

/// <summary>How a node computes from inputs before their transposes: its outputs are then before a transpose as well.</summary>
/// <param name="Inputs">For each input the transpose that goes; null where the input stays as it is.</param>
/// <param name="Output">The transpose that stands behind every output instead.</param>
/// <param name="Rewrite">Changes attributes and small constant inputs; the other inputs are changed by then. Null changes nothing.</param>
internal sealed record CarriedNode(Permutation?[] Inputs, Permutation Output, Action<Node>? Rewrite = null);
