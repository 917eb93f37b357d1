using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting;

/// <summary>Replacing the output of a node by another value.</summary>
internal static class Replacements
{
    /// <summary>
    /// Whether <see cref="Graph.Replace"/> needs no <c>Identity</c>: an output of a graph must be produced in that graph,
    /// by one node, under the output's name.
    /// </summary>
    public static bool CanStandFor(this Value replacement, Value old) => old != replacement
        && (!old.IsOutput || (replacement is { Producer: not null, IsOutput: false } && replacement.Graph == old.Graph));

    /// <summary>
    /// Puts <paramref name="replacement"/> in the place of the node's first output and removes the node, if that takes no
    /// <c>Identity</c> and no other output is used.
    /// </summary>
    public static bool TryReplaceBy(this Node node, Value replacement)
    {
        if (!replacement.CanStandFor(node.Output) || node.Outputs.Skip(1).Any(o => o is { IsUnused: false }))
            return false;
        node.Graph!.Replace(node.Output, replacement);
        node.Graph!.Remove(node);
        return true;
    }
}
