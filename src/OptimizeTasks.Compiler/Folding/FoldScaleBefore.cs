using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Folding;

/// <summary>
/// Puts a Mul or Div by a constant per channel into the weights behind it: W·(s·x) = (W·s)·x. Padding keeps it true, since
/// 0 stays 0; a shift would not.
/// </summary>
internal sealed class FoldScaleBefore : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        int changes = 0;
        foreach (Graph current in graph.AllGraphs())
        {
            foreach (Node node in current.Nodes)
            {
                if (node.Domain.Length == 0 && InputAxis(node) is { } axis && TryFold(node, axis))
                    changes++;
            }
        }

        return changes;
    }

    /// <summary>The weight's axis of the input's channels; null where there is none.</summary>
    internal static int? InputAxis(Node node) => (node.OpType, node.Input(1)?.Constant?.Rank) switch
    {
        ("Conv", >= 3) when node.IntAttribute("group", 1) == 1 => 1,
        ("Gemm", 2) when node.IntAttribute("transA") == 0 => node.IntAttribute("transB") != 0 ? 1 : 0,
        ("MatMul", 2) => 0,
        _ => null,
    };

    private static bool TryFold(Node node, int axis)
    {
        if (node.Input(0) is not { IsOutput: false, Uses.Count: 1, Producer: { Domain.Length: 0 } scale } || !WeightedNode.IsOwn(node.Input(1))
            || node.Inputs[1]!.Constant is not { } weight || !weight.ElementType.IsComputable())
            return false;
        return scale.OpType switch
        {
            "Mul" => TryFold(node, axis, weight, scale, 0) || TryFold(node, axis, weight, scale, 1),
            "Div" => TryFold(node, axis, weight, scale, 0),
            _ => false,
        };
    }

    private static bool TryFold(Node node, int axis, Tensor weight, Node scale, int operand)
    {
        long channels = weight.Dimensions[axis];
        if (scale.Input(operand) is not { Shape: { Rank: > 0 } shape } input)
            return false;
        int axisFromEnd = node.OpType == "Conv" ? shape.Rank - 2 : 0;

        // A constant must not make one channel many.
        if (axisFromEnd < 0 || !shape[^(axisFromEnd + 1)].Equals(Dimension.Of(channels))
            || ChannelConstants.PerChannel(scale.Input(1 - operand), channels, axisFromEnd, shape.Rank) is not { } numbers)
            return false;
        double[] factors = scale.OpType == "Mul" ? numbers : Array.ConvertAll(numbers, x => 1 / x);
        if (!Array.TrueForAll(factors, double.IsFinite))
            return false;

        Value value = node.Inputs[1]!;
        value.Graph.SetInitializer(value, new Tensor(weight.ElementType, weight.Dimensions.AsSpan(), new ScaledData(weight, axis, factors)));
        node.SetInput(0, input);
        return true;
    }
}
