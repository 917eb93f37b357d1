using OptimizeTasks.Compiler.Folding;
using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>
/// Balances the channels between two layers, or between a normalisation and the products behind it: W₂·f(W₁·x) =
/// (W₂·s)·f((W₁/s)·x) for
/// a function f that is linear in the scale of a channel, such as Relu. Where a channel is large in one layer and small in the
/// other, both lose less to a scale that many channels share. In floating point the model stays as it was.
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
        int changes = 0;
        foreach (Graph current in graph.AllGraphs())
        {
            foreach (Node node in current.Nodes)
            {
                context.CancellationToken.ThrowIfCancellationRequested();
                changes += BehindLayer(node) || BehindNormalization(node) ? 1 : 0;
            }
        }

        return changes;
    }

    /// <summary>Balances a node with the one before it.</summary>
    private static bool BehindLayer(Node node)
    {
        if (SummedAxis(node) is not { } axis || Source(node.Inputs[0], []) is not { } source)
            return false;
        Tensor weight = node.Inputs[1]!.Constant!;
        if (source.Layer.Channels != weight.Dimensions[axis] || source.Layer.AxisFromEnd != (node.Is("Conv") ? weight.Rank - 2 : 0))
            return false;
        if (source.Layer.WeightType != ElementType.Float || Equalization.Factors(source.Layer.ReadPeaks(), ChannelPeaks.Of(weight, axis)) is not { } factors)
            return false;

        double[] inverses = Array.ConvertAll(factors, f => 1 / f);
        source.Layer.Apply(inverses, null);
        foreach (Use bias in source.Biases)
            ScaleBias(bias, inverses, source.Layer.AxisFromEnd);
        ScaleWeight(node, axis, factors);
        return true;
    }

    /// <summary>Balances a normalisation with all products that take its result.</summary>
    private static bool BehindNormalization(Node norm)
    {
        if (norm.Domain.Length > 0 || norm.OpType is not ("LayerNormalization" or "RMSNormalization") || norm.Outputs is not [{ IsOutput: false, Shape: { Rank: > 0 } shape } output, ..]
            || norm.Outputs.Skip(1).Any(o => o is not null) || (norm.IntAttribute("axis", -1) is var axis && axis != -1 && axis != shape.Rank - 1))
            return false;
        if (norm.Input(1)?.Constant is not { Rank: 1, ElementType: ElementType.Float } scale || (norm.Input(2) is { } shift && shift.Constant is not { Rank: 1, ElementType: ElementType.Float }))
            return false;
        if (output.Uses.Count == 0 || !output.Uses.All(use => use.Index == 0 && !use.Node.Is("Conv") && SummedAxis(use.Node) is { } summed && use.Node.Inputs[1]!.Constant!.Dimensions[summed] == scale.Dimensions[0]))
            return false;

        // What a channel reaches: its scale times a normal number, and its shift.
        float[] first = ChannelPeaks.Of(scale, 0), second = new float[first.Length];
        if (norm.Input(2)?.Constant is { } shifts && shifts.Dimensions[0] == first.Length)
            first = [.. first.Zip(ChannelPeaks.Of(shifts, 0), (a, b) => a + b)];
        Node[] products = [.. output.Uses.Select(use => use.Node)];
        foreach (Node product in products)
            second = [.. second.Zip(ChannelPeaks.Of(product.Inputs[1]!.Constant!, SummedAxis(product)!.Value), Math.Max)];
        if (Equalization.Factors(first, second) is not { } factors)
            return false;

        double[] inverses = Array.ConvertAll(factors, f => 1 / f);
        ScaleBias(new Use(norm, 1), inverses, 0);
        if (norm.Input(2) is not null)
            ScaleBias(new Use(norm, 2), inverses, 0);
        foreach (Node product in products)
            ScaleWeight(product, SummedAxis(product)!.Value, factors);
        return true;
    }

    /// <summary>The axis of a weight of its own along which a node takes the channels; null for any other node.</summary>
    private static int? SummedAxis(Node node)
    {
        if (node.Domain.Length > 0 || !WeightedNode.IsOwn(node.Input(1)) || node.Inputs[1]!.Constant is not { ElementType: ElementType.Float } weight)
            return null;
        bool isDepthwise = node.OpType == "Conv" && weight.Rank >= 3 && weight.Dimensions[1] == 1 && node.IntAttribute("group", 1) == weight.Dimensions[0];
        return isDepthwise ? 0 : FoldScaleBefore.InputAxis(node);
    }

    /// <summary>The layer that a value comes from, through functions that are linear in the scale of a channel and biases.</summary>
    private static (WeightedNode Layer, IReadOnlyList<Use> Biases)? Source(Value? value, List<Use> biases)
    {
        if (WeightedNode.ThatComputes(value) is { } layer)
        {
            bool fits = biases.All(bias => ChannelConstants.PerChannel(bias.Node.Inputs[bias.Index], layer.Channels, layer.AxisFromEnd, layer.Rank) is not null);
            return fits ? (layer, biases) : null;
        }

        if (value is not { IsOutput: false, Uses.Count: 1, Producer: { Domain.Length: 0 } node })
            return null;
        switch (node.OpType)
        {
            case "Relu" or "LeakyRelu":
                return Source(node.Input(0), biases);
            case "Add" when node.Input(1)?.Constant is not null:
                return Source(node.Input(0), [.. biases, new Use(node, 1)]);
            case "Add" when node.Input(0)?.Constant is not null:
                return Source(node.Input(1), [.. biases, new Use(node, 0)]);
            default:
                return null;
        }
    }

    /// <summary>A new value: equal biases are shared.</summary>
    private static void ScaleBias(Use use, double[] factors, int axisFromEnd)
    {
        Value bias = use.Node.Inputs[use.Index]!;
        double[] numbers = ChannelConstants.Numbers(bias)!;
        double[] scaled = [.. factors.Select((factor, i) => numbers[numbers.Length == 1 ? 0 : i] * factor)];
        long[] shape = [scaled.Length, .. Enumerable.Repeat(1L, axisFromEnd)];
        Tensor tensor = ChannelConstants.ToTensor(bias.Constant!.ElementType, scaled);
        use.Node.SetInput(use.Index, use.Node.Graph!.AddInitializer(use.Node.Graph.UniqueName(bias.Name + "_equalized"), new Tensor(tensor.ElementType, shape, tensor.Data)));
    }

    private static void ScaleWeight(Node node, int axis, double[] factors)
    {
        Value value = node.Inputs[1]!;
        Tensor weight = value.Constant!;
        value.Graph.SetInitializer(value, new Tensor(weight.ElementType, weight.Dimensions.AsSpan(), new ScaledData(weight, axis, factors)));
    }
}
