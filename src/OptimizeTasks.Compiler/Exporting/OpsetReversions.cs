using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Exporting;

/// <summary>
/// How a node is written in the version before: what became an input is an attribute again. It keeps a model in the
/// operator set of its original, for which ONNX Runtime's own rules and other engines know it.
/// </summary>
internal static class OpsetReversions
{
    /// <summary>Whether the node can be written in the version before <paramref name="version"/>.</summary>
    public static bool Applies(Node node, int version) => (node.OpType, version) switch
    {
        ("ReduceSum" or "Squeeze", 13) => HasConstantAxes(node),
        ("Unsqueeze", 13) => node.Input(1).Integers() is not null,
        (_, 18) when node.OpType.StartsWith("Reduce", StringComparison.Ordinal) => HasConstantAxes(node),
        ("Split", 18) => SplitsEvenly(node),
        _ => false,
    };

    /// <summary>Writes the node in the version before <paramref name="version"/>.</summary>
    public static void Revert(Node node, int version)
    {
        if ((node.OpType, version) == ("Split", 18))
        {
            node.RemoveAttribute("num_outputs");
            return;
        }

        if (node.Input(1) is { } axes)
            node.SetAttribute(new IntsAttribute("axes", axes.Integers()!.Value));
        node.TruncateInputs(1);
        node.RemoveAttribute("noop_with_empty_axes");
    }

    /// <summary>Without axes, an attribute says all axes; an empty input may say none.</summary>
    private static bool HasConstantAxes(Node node) => node.Input(1) is null
        ? node.IntAttribute("noop_with_empty_axes") == 0
        : node.Input(1).Integers() is { IsEmpty: false };

    private static bool SplitsEvenly(Node node)
    {
        if (node.Input(1) is not null || node.IntAttribute("num_outputs") != node.Outputs.Count || node.Input(0)?.Shape is not { } shape)
            return false;
        long axis = node.IntAttribute("axis");
        axis = axis < 0 ? axis + shape.Rank : axis;
        return axis >= 0 && axis < shape.Rank && shape[(int)axis].TryGetValue(out long size) && size % node.Outputs.Count == 0;
    }
}
