using OptimizeTasks.Compiler.Folding;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>The operators that compute with activations of 8 bits whose ranges are known beforehand.</summary>
internal static class StaticOperators
{
    /// <summary>What the node does with them.</summary>
    public static StaticRole RoleOf(Node node) => node.Domain.Length > 0 ? StaticRole.None : node.OpType switch
    {
        "Conv" or "MatMul" or "Gemm" => StaticRole.Multiplies,
        "Add" or "Mul" or "Concat" or "AveragePool" or "GlobalAveragePool" or "LeakyRelu" or "Sigmoid" => StaticRole.Follows,
        "MaxPool" or "Reshape" or "Flatten" or "Transpose" or "Squeeze" or "Unsqueeze" or "Resize" or "Slice" or "Split" or "Pad" => StaticRole.Moves,
        "Relu" or "Clip" => StaticRole.Saturates,
        _ => StaticRole.None,
    };

    /// <summary>The inputs that are activations.</summary>
    public static IEnumerable<Value> ActivationsOf(Node node) => node.OpType switch
    {
        "Concat" => node.Inputs.OfType<Value>(),
        "Add" or "Mul" => node.Inputs.OfType<Value>().Where(v => v.Constant is null),
        _ => node.Inputs.Take(1).OfType<Value>(),
    };

    /// <summary>The constant that an Add or a Mul has beside its activation; null where it has none.</summary>
    public static Value? ConstantOf(Node node) => node.OpType is "Add" or "Mul" ? node.Inputs.FirstOrDefault(v => v?.Constant is not null) : null;

    /// <summary>Why the node cannot be quantised so, whatever stands around it; null where it can.</summary>
    public static string? Refuse(Node node)
    {
        if (node.Graph!.Outer is not null)
            return "it stands in a graph inside a node";
        if (ActivationsOf(node).Concat(node.Outputs.OfType<Value>()).Any(v => v.ElementType != ElementType.Float))
            return "activations are quantised from single precision only";
        if (ActivationsOf(node).Any(v => v.Constant is not null || v.Shape is null))
            return "an input is a constant, or of unknown rank";
        return node.OpType switch
        {
            "Conv" => RefuseConv(node),
            "MatMul" or "Gemm" => RefuseProduct(node),
            "MaxPool" or "AveragePool" => RefusePool(node),
            "GlobalAveragePool" => node.Inputs[0]!.Shape!.Rank == 4 ? null : "only pictures are pooled in 8 bits",
            "Resize" => RefuseResize(node),
            "Add" or "Mul" => RefuseConstant(node),
            "Slice" => SliceAxes.Of(node) is null ? "it cuts off other elements in every run" : null,
            "Pad" => RefusePad(node),
            "Relu" or "Clip" => RefuseCut(node),
            _ => null,
        };
    }

    /// <summary>The weights of a product as a matrix, and whether its last axis is the summed one.</summary>
    public static (Tensor Matrix, bool IsInnerSummed) WeightsOf(Node node)
    {
        Tensor weight = node.Inputs[1]!.Constant!;
        return node.OpType switch
        {
            "Conv" => (new Tensor(weight.ElementType, [weight.Dimensions[0], weight.ElementCount / weight.Dimensions[0]], weight.Data), true),
            "Gemm" => (weight, node.IntAttribute("transB") != 0),
            _ => (weight, false),
        };
    }

    /// <summary>The bias of a product, a number for each channel; null where it has none.</summary>
    public static double[]? BiasOf(Node node)
    {
        if (node.OpType == "MatMul" || node.Input(2) is not { } bias)
            return null;
        (Tensor matrix, bool isInnerSummed) = WeightsOf(node);
        long channels = matrix.Dimensions[isInnerSummed ? 0 : 1];
        double[] numbers = ChannelConstants.Numbers(bias)!;
        return numbers.Length == channels ? numbers : [.. Enumerable.Repeat(numbers[0], (int)channels)];
    }

    private static string? RefuseConv(Node node)
    {
        if (node.Inputs[1]?.Constant is not { ElementType: ElementType.Float, Rank: >= 3 and <= 5, ElementCount: > 0 })
            return "its weights are no constant in single precision";
        return node.Input(2) is null || ChannelConstants.Numbers(node.Input(2)) is not null ? null : "its bias is no constant";
    }

    private static string? RefuseProduct(Node node)
    {
        if (WeightUse.Of(node) is not { } use || use.Weight != node.Inputs[1])
            return "its matrix is no constant";
        if (node.Is("Gemm") && node.Input(2) is { } bias && ChannelConstants.PerChannel(bias, use.Tensor.Dimensions[use.IsInnerSummed ? 0 : 1], 0, 2) is null)
            return "its bias is no constant number for each channel";
        return use.Refuse(WeightFormat.Static);
    }

    private static string? RefusePool(Node node)
    {
        if (node.Outputs.Count > 1 || node.IntAttribute("storage_order") != 0 || node.Inputs[0]!.Shape!.Rank != 4)
            return "only pictures are pooled in 8 bits, without indices";
        return node.Is("AveragePool") && (node.IntsAttribute("dilations") ?? []).Any(d => d != 1) ? "there is no kernel for dilated averages" : null;
    }

    private static string? RefuseResize(Node node)
    {
        bool isPlain = node.StringAttribute("mode", "nearest") == "nearest" && node.Attribute("axes") is null
            && node.StringAttribute("coordinate_transformation_mode") != "tf_crop_and_resize"
            && node.StringAttribute("keep_aspect_ratio_policy", "stretch") == "stretch";
        bool isConstant = node.Input(2) is { Constant: { ElementType: ElementType.Float, ElementCount: > 0 } } || node.Input(3).Integers() is not null;
        return isPlain && isConstant ? null : "only the nearest element is taken in 8 bits, with constant sizes";
    }

    /// <summary>A number, or one for each channel, is the same constant wherever the channels stand.</summary>
    private static string? RefuseConstant(Node node)
    {
        if (ConstantOf(node) is not { } constant)
            return null;
        Tensor tensor = constant.Constant!;
        if (ActivationsOf(node).FirstOrDefault() is not { Shape: { } shape } || tensor.Rank > shape.Rank || tensor.ElementCount == 0)
            return "its constant has more axes than the activation";
        if (node.Is("Add") && ActivationsOf(node).First().Producer is { } producer && producer.Is("MatMul"))
            return "it is the bias of a product";
        return tensor.Dimensions.Count(size => size != 1) <= 1 && ChannelConstants.Numbers(constant) is { } numbers && Array.TrueForAll(numbers, double.IsFinite)
            ? null
            : "its constant is neither a number nor one for each channel";
    }

    private static string? RefusePad(Node node)
    {
        bool isZero = node.Input(2) is null || node.Input(2).IsAll(0);
        return node.Input(1).Integers() is not null && node.Input(3) is null && (isZero || node.StringAttribute("mode", "constant") != "constant")
            ? null
            : "only zeros are padded in 8 bits, in constant places of all axes";
    }

    private static string? RefuseCut(Node node)
    {
        if (node.Inputs[0]!.Producer is not { } producer || !TakesCut(producer) || node.Inputs[0] is not { IsOutput: false, Uses.Count: 1 })
            return "it does not stand behind a node that takes it in";
        if (node.Is("Relu"))
            return null;
        double? least = node.Input(1) is { } min ? min.Scalar() : double.NegativeInfinity;
        double? greatest = node.Input(2) is { } max ? max.Scalar() : double.PositiveInfinity;
        return least <= 0 && greatest >= 0 ? null : "its limits are not around 0, or no constants";
    }

    /// <summary>Whether codes of the node's result can saturate in place of a node behind it.</summary>
    private static bool TakesCut(Node node) => node.Domain.Length == 0 && node.OpType is "Conv" or "MatMul" or "Gemm" or "Add" or "Mul";
}
