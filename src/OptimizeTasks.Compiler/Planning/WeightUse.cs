using OptimizeTasks.Compiler.Quantization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>A node whose weights can be quantised: where they stand, and what the formats make of them.</summary>
internal sealed class WeightUse
{
    /// <summary>Fewer weights are not worth a kernel of their own.</summary>
    private const long FewestWeights = 1024;

    private WeightUse(Node node, Value weight, bool isInnerSummed)
    {
        Node = node;
        Weight = weight;
        IsInnerSummed = isInnerSummed;
    }

    /// <summary>The node.</summary>
    public Node Node { get; }

    /// <summary>The constant; of an LSTM, the weights of its inputs.</summary>
    public Value Weight { get; }

    /// <summary>Whether the axis that is summed is the constant's last one.</summary>
    public bool IsInnerSummed { get; }

    /// <summary>The constant.</summary>
    public Tensor Tensor => Weight.Constant!;

    /// <summary>The number of weights.</summary>
    public long Count => Node.Is("LSTM") ? Tensor.ElementCount + Node.Inputs[2]!.Constant!.ElementCount : Tensor.ElementCount;

    /// <summary>The weights of a node; null where it has none that can be quantised.</summary>
    public static WeightUse? Of(Node node)
    {
        if (node.Domain.Length > 0)
            return null;
        return node.OpType switch
        {
            "MatMul" => OfMatMul(node),
            "Gemm" when node.FloatAttribute("alpha", 1) == 1 && node.FloatAttribute("beta", 1) == 1 && node.IntAttribute("transA") == 0 =>
                Create(node, node.Input(1), node.IntAttribute("transB") != 0),
            "Gather" when node.IntAttribute("axis") == 0 && node.Input(0) is { } table => Create(node, table, isInnerSummed: true),
            "LSTM" => OfLstm(node),
            _ => null,
        };
    }

    /// <summary>Why the weights cannot have the format; null where they can.</summary>
    public string? Refuse(WeightFormat format)
    {
        if (format == WeightFormat.Float)
            return null;
        if (Count < FewestWeights)
            return $"has {Count} weights only";
        return (Node.OpType, format) switch
        {
            ("LSTM" or "Gather", WeightFormat.Static) => $"{Node.OpType} takes no activations whose ranges are known beforehand",
            ("LSTM", not WeightFormat.Dynamic) => "LSTM has no kernel for weights in blocks",
            ("LSTM", _) when Tensor.ElementType != ElementType.Float => "LSTM is quantised from single precision only",
            ("MatMul" or "Gemm", WeightFormat.Dynamic or WeightFormat.Static) when Tensor.ElementType != ElementType.Float => "activations are quantised from single precision only",
            (_, WeightFormat.Int8 or WeightFormat.Int4) when Tensor.ElementType == ElementType.BFloat16 => "no kernel takes bfloat16 activations",
            ("Gather", _) when Tensor.ElementType == ElementType.BFloat16 || LargestBlock(Tensor.Dimensions[1]) is null => "rows cannot be divided into blocks",
            _ => null,
        };
    }

    /// <summary>The largest block, up to a limit, that rows of a table can be divided into; null where there is none.</summary>
    public static int? LargestBlock(long columns, int limit = 128)
    {
        for (int size = limit; size >= 16; size /= 2)
        {
            if (columns % size == 0)
                return size;
        }

        return null;
    }

    /// <summary>Exporters write a tied head as the product with a transposed table.</summary>
    private static WeightUse? OfMatMul(Node node)
    {
        if (node.Input(1) is { Producer: { } producer } && producer.Is("Transpose") && producer.IntsAttribute("perm") is null or [1, 0])
            return Create(node, producer.Input(0), isInnerSummed: true);
        return Create(node, node.Input(1), isInnerSummed: false);
    }

    private static WeightUse? OfLstm(Node node) =>
        node.IntAttribute("layout") == 0 && node.Input(1) is { Constant.Rank: 3 } weight && node.Input(2) is { Constant: { Rank: 3 } recurrent }
        && weight.Constant.ElementType == recurrent.ElementType && weight.Constant.ElementType.IsQuantizable()
            ? new WeightUse(node, weight, isInnerSummed: true)
            : null;

    private static WeightUse? Create(Node node, Value? weight, bool isInnerSummed) =>
        weight is { Constant: { Rank: 2, ElementCount: > 0 } tensor } && tensor.ElementType.IsQuantizable() ? new WeightUse(node, weight, isInnerSummed) : null;
}
