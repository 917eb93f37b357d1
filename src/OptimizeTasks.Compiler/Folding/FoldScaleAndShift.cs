using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Folding;

/// <summary>Puts a Mul, Div, Add or Sub with a constant per channel into the weights before it.</summary>
internal sealed class FoldScaleAndShift : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        int changes = 0;
        foreach (Graph current in graph.AllGraphs())
        {
            foreach (Node node in current.Nodes)
            {
                if (node.Domain.Length == 0 && node.Inputs.Count == 2 && node.OpType switch
                {
                    "Mul" or "Add" => TryFold(node, 0, 1) || TryFold(node, 1, 0),
                    "Div" or "Sub" => TryFold(node, 0, 1),
                    _ => false,
                })
                    changes++;
            }
        }

        return changes;
    }

    private static bool TryFold(Node node, int operand, int constant)
    {
        if (WeightedNode.ThatComputes(node.Input(operand)) is not { } weighted
            || ChannelConstants.PerChannel(node.Input(constant), weighted.Channels, weighted.AxisFromEnd, weighted.Rank) is not { } numbers)
            return false;

        (double[]? factors, double[]? shifts) = node.OpType switch
        {
            "Mul" => (numbers, null),
            "Div" => (Array.ConvertAll(numbers, x => 1 / x), null),
            "Add" => ((double[]?)null, numbers),
            _ => (null, Array.ConvertAll(numbers, x => -x)),
        };
        if (!(factors ?? shifts)!.All(double.IsFinite) || (shifts is not null && !weighted.TakesShift) || !node.TryReplaceBy(node.Inputs[operand]!))
            return false;
        weighted.Apply(factors, shifts);
        return true;
    }
}
