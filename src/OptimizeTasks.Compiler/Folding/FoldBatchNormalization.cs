using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Folding;

/// <summary>
/// Puts a BatchNormalization into the weights before it: (x − mean) · scale / √(variance + ε) + bias is a scale and a shift
/// of each channel.
/// </summary>
internal sealed class FoldBatchNormalization : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        int changes = 0;
        foreach (Graph current in graph.AllGraphs())
        {
            foreach (Node node in current.Nodes)
            {
                if (node.Is("BatchNormalization") && TryFold(node))
                    changes++;
            }
        }

        return changes;
    }

    private static bool TryFold(Node node)
    {
        if (!node.IsDeterministic() || WeightedNode.ThatComputes(WithoutSpatialAxes(node.Input(0))) is not { } weighted || !(weighted.TakesShift || weighted.CanBeGemm)
            || weighted.AxisFromEnd != weighted.Rank - 2 || !node.Inputs[0]!.CanStandFor(node.Output))
            return false;

        double[]?[] parameters = [.. Enumerable.Range(1, 4).Select(i => ChannelConstants.Numbers(node.Input(i)))];
        if (parameters.Any(p => p is null || p.Length != weighted.Channels))
            return false;
        double epsilon = node.FloatAttribute("epsilon", 1e-5f);
        double[] factors = [.. parameters[0]!.Zip(parameters[3]!, (scale, variance) => scale / Math.Sqrt(variance + epsilon))];
        double[] shifts = [.. parameters[1]!.Select((bias, i) => bias - (parameters[2]![i] * factors[i]))];
        if (!factors.All(double.IsFinite) || !shifts.All(double.IsFinite) || !node.TryReplaceBy(node.Inputs[0]!))
            return false;
        weighted.Apply(factors, shifts);
        return true;
    }

    /// <summary>What is reshaped from [batch, channels] to [batch, channels, 1, …] alone; the value itself where it is not.</summary>
    private static Value? WithoutSpatialAxes(Value? value) => value is { IsOutput: false, Uses.Count: 1, Producer: { } reshape, Shape: { } shape } && reshape.Is("Reshape")
        && reshape.Inputs[0] is { Shape: { Rank: 2 } matrix } source && shape.Take(2).SequenceEqual(matrix) && shape.Skip(2).All(d => d.Equals(Dimension.Of(1)))
            ? source : value;
}
