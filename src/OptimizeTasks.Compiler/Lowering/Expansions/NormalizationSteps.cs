using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Expansions;

/// <summary>What the expansions of normalisations share: statistics in float, unless the node says otherwise.</summary>
internal static class NormalizationSteps
{
    /// <summary>The type that statistics are computed in.</summary>
    public static ElementType StashType(this Node node) =>
        node.Inputs[0]!.ElementType == ElementType.Double ? ElementType.Double : (ElementType)node.IntAttribute("stash_type", (long)ElementType.Float);

    /// <summary>The mean over the axes that the node normalises, which stay with size 1.</summary>
    public static Value Mean(this Patch patch, Node node, Value x)
    {
        long axis = node.IntAttribute("axis", -1);
        int rank = x.Shape!.Rank;
        long[] axes = [.. Enumerable.Range(0, rank).Select(a => (long)a).Where(a => a >= (axis < 0 ? axis + rank : axis))];
        return patch.Apply("ReduceMean", [x, patch.Integers(axes)]);
    }

    /// <summary>x / √(mean of squares + epsilon), cast back, times the scale.</summary>
    public static Value Normalize(this Patch patch, Node node, Value x, Value squared)
    {
        Value root = patch.Apply("Sqrt", [patch.Add(patch.Mean(node, squared), patch.Number(x, node.FloatAttribute("epsilon", 1e-5f)))]);
        return patch.Mul(patch.Cast(patch.Apply("Div", [x, root]), node.Inputs[0]!.ElementType), node.Inputs[1]!);
    }
}
