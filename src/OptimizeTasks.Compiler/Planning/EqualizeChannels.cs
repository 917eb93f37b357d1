using OptimizeTasks.Compiler.Calibration;
using OptimizeTasks.Compiler.Folding;
using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>
/// Balances the channels between two layers, or between a normalisation and the products behind it: W₂·f(W₁·x) =
/// (W₂·s)·f((W₁/s)·x) for a function f that is linear in the scale of a channel, such as Relu. Where a channel is large in one
/// layer and small in the other, both lose less to a scale that many channels share. In floating point the model stays as it was: behind Clip only
/// channels are scaled that samples show to stay far below its limit.
/// </summary>
internal sealed class EqualizeChannels : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        CompilerOptions options = context.Options;
        bool isWanted = options.Corrections.HasFlag(Corrections.Equalization) && (options.Quantization != QuantizationMode.None || options.Plan is not null);
        if (!isWanted || graph.AllNodes().Any(QuantizedOperators.Includes))
            return 0;
        IReadOnlyDictionary<Node, ChannelExtremes> cuts = Observe(graph, context);
        int changes = 0;
        foreach (Graph current in graph.AllGraphs())
        {
            foreach (Node node in current.Nodes)
            {
                context.CancellationToken.ThrowIfCancellationRequested();
                changes += BehindLayer(node, cuts) || BehindNormalization(node) ? 1 : 0;
            }
        }

        return changes;
    }

    /// <summary>How far the channels get that a Clip between two layers cuts; nothing where nobody gave samples that would show it.</summary>
    private static Dictionary<Node, ChannelExtremes> Observe(Graph graph, PassContext context)
    {
        if (context.Options.Samples is not { IsSynthetic: false } samples || context.Runner is not { } runner)
            return [];
        var cuts = new Dictionary<Node, ChannelExtremes>();
        foreach (Node node in graph.Nodes)
        {
            if (Pair(node) is { Cut: { } cut } pair)
                cuts.Add(cut, new ChannelExtremes(cut.Inputs[0]!, pair.Layer.AxisFromEnd));
        }

        if (cuts.Count > 0)
            ActivationCalibration.Observe([.. cuts.Values.Select(cut => cut.Observer)], samples, new ValueProbe(context, runner), context);
        return cuts;
    }

    /// <summary>Balances a node with the one before it.</summary>
    private static bool BehindLayer(Node node, IReadOnlyDictionary<Node, ChannelExtremes> cuts)
    {
        if (Pair(node) is not { } source)
            return false;
        ChannelCut? cut = null;
        if (source.Cut is { } clip)
        {
            if (!cuts.TryGetValue(clip, out ChannelExtremes? extremes) || extremes.Greatest.Count != source.Layer.Channels)
                return false;
            cut = new ChannelCut((float)clip.Input(2)!.Scalar()!.Value, extremes.Greatest);
        }

        int axis = ChannelScaling.SummedAxis(node)!.Value;
        if (Equalization.Factors(source.Layer.ReadPeaks(), ChannelPeaks.Of(node.Inputs[1]!.Constant!, axis), cut) is not { } factors)
            return false;

        double[] inverses = Array.ConvertAll(factors, f => 1 / f);
        source.Layer.Apply(inverses, null);
        foreach (Use bias in source.Biases)
            ChannelScaling.ScaleBias(bias, inverses, source.Layer.AxisFromEnd);
        ChannelScaling.ScaleWeight(node, axis, factors);
        return true;
    }

    /// <summary>Balances a normalisation with all products that take its result.</summary>
    private static bool BehindNormalization(Node norm)
    {
        if (NormalizedProducts.Of(norm) is not { } found || Equalization.Factors(found.Peaks(), NormalizedProducts.PeaksOf(found.Products)) is not { } factors)
            return false;
        found.Divide(factors);
        return true;
    }

    /// <summary>The layer before a node whose channels the node takes; null where there is none.</summary>
    private static (WeightedNode Layer, IReadOnlyList<Use> Biases, Node? Cut)? Pair(Node node)
    {
        if (ChannelScaling.SummedAxis(node) is not { } axis || Source(node.Inputs[0], [], null) is not { } source)
            return null;
        Tensor weight = node.Inputs[1]!.Constant!;
        bool fits = source.Layer.Channels == weight.Dimensions[axis] && source.Layer.AxisFromEnd == (node.Is("Conv") ? weight.Rank - 2 : 0);
        return fits && source.Layer.WeightType == ElementType.Float ? source : null;
    }

    /// <summary>The layer that a value comes from, through functions that are linear in the scale of a channel, biases, and one Clip at most.</summary>
    private static (WeightedNode Layer, IReadOnlyList<Use> Biases, Node? Cut)? Source(Value? value, List<Use> biases, Node? cut)
    {
        if (WeightedNode.ThatComputes(value) is { } layer)
        {
            bool fits = biases.All(bias => ChannelConstants.PerChannel(bias.Node.Inputs[bias.Index], layer.Channels, layer.AxisFromEnd, layer.Rank) is not null);
            return fits ? (layer, biases, cut) : null;
        }

        if (value is not { IsOutput: false, Uses.Count: 1, Producer: { Domain.Length: 0 } node })
            return null;
        switch (node.OpType)
        {
            case "Relu" or "LeakyRelu":
                return Source(node.Input(0), biases, cut);
            case "Clip" when cut is null && ChannelCut.Is(node):
                return Source(node.Input(0), biases, node);
            case "Add" when node.Input(1)?.Constant is not null:
                return Source(node.Input(0), [.. biases, new Use(node, 1)], cut);
            case "Add" when node.Input(0)?.Constant is not null:
                return Source(node.Input(1), [.. biases, new Use(node, 0)], cut);
            default:
                return null;
        }
    }
}
