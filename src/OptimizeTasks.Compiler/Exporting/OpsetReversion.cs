using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Exporting;

/// <summary>How a node is written in the version of its operator before.</summary>
/// <param name="Applies">Whether this node can be.</param>
/// <param name="Revert">Changes the node.</param>
internal sealed record OpsetReversion(Func<Node, bool> Applies, Action<Node> Revert);
