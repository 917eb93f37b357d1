using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Importing;

/// <summary>What a node needs when its operator changes from one version to the next.</summary>
/// <param name="Applies">Whether this node can be converted; null where every node can.</param>
/// <param name="Convert">Changes the node, and puts others beside it; null where nothing is to be done.</param>
internal sealed record OpsetConversion(Func<Node, bool>? Applies = null, Action<Node>? Convert = null)
{
    /// <summary>No node can be converted.</summary>
    public static OpsetConversion Impossible { get; } = new(_ => false);
}
