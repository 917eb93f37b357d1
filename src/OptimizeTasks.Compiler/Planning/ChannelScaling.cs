using OptimizeTasks.Compiler.Folding;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>Multiplies the channels of constants.</summary>
internal static class ChannelScaling
{
    /// <summary>The axis of a weight of its own along which a node takes the channels; null for any other node.</summary>
    public static int? SummedAxis(Node node)
    {
        if (node.Domain.Length > 0 || !WeightedNode.IsOwn(node.Input(1)) || node.Inputs[1]!.Constant is not { ElementType: ElementType.Float } weight)
            return null;
        bool isDepthwise = node.OpType == "Conv" && weight.Rank >= 3 && weight.Dimensions[1] == 1 && node.IntAttribute("group", 1) == weight.Dimensions[0];
        return isDepthwise ? 0 : FoldScaleBefore.InputAxis(node);
    }

    /// <summary>A new value: equal biases are shared.</summary>
    public static void ScaleBias(Use use, double[] factors, int axisFromEnd)
    {
        Value bias = use.Node.Inputs[use.Index]!;
        double[] numbers = ChannelConstants.Numbers(bias)!;
        double[] scaled = [.. factors.Select((factor, i) => numbers[numbers.Length == 1 ? 0 : i] * factor)];
        long[] shape = [scaled.Length, .. Enumerable.Repeat(1L, axisFromEnd)];
        Tensor tensor = ChannelConstants.ToTensor(bias.Constant!.ElementType, scaled);
        use.Node.SetInput(use.Index, use.Node.Graph!.AddInitializer(use.Node.Graph.UniqueName(bias.Name + "_equalized"), new Tensor(tensor.ElementType, shape, tensor.Data)));
    }

    /// <summary>Computed when the weight is read.</summary>
    public static void ScaleWeight(Node node, int axis, double[] factors)
    {
        Value value = node.Inputs[1]!;
        Tensor weight = value.Constant!;
        value.Graph.SetInitializer(value, new Tensor(weight.ElementType, weight.Dimensions.AsSpan(), new ScaledData(weight, axis, factors)));
    }
}
