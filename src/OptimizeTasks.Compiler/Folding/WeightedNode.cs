using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Folding;

/// <summary>
/// A Conv, ConvTranspose, Gemm or MatMul whose weight belongs to it alone and whose bias is constant, so that a scale and a shift of its
/// output channels can go into them: s·(W·x + b) + t = (s·W)·x + (s·b + t).
/// </summary>
internal sealed class WeightedNode
{
    private readonly Node _node;
    private readonly int _channelAxis;

    private WeightedNode(Node node, int channelAxis, int axisFromEnd, int rank)
    {
        _node = node;
        _channelAxis = channelAxis;
        AxisFromEnd = axisFromEnd;
        Rank = rank;
    }

    /// <summary>The number of output channels.</summary>
    public long Channels => Weight.Dimensions[_channelAxis];

    /// <summary>The axis of the channels in the output, 0 for the last.</summary>
    public int AxisFromEnd { get; }

    /// <summary>The rank of the output.</summary>
    public int Rank { get; }

    /// <summary>The type of the weights.</summary>
    public ElementType WeightType => Weight.ElementType;

    /// <summary>Whether there is a bias, or room for one.</summary>
    public bool TakesShift => _node.OpType != "MatMul";

    /// <summary>Whether a MatMul becomes a Gemm once a shift is applied.</summary>
    public bool CanBeGemm => _node is { OpType: "MatMul", Inputs: [{ Shape.Rank: 2 }, ..] } && Weight is { Rank: 2, ElementType: ElementType.Float or ElementType.Double };

    private Tensor Weight => _node.Inputs[1]!.Constant!;

    /// <summary>The node that computes <paramref name="value"/>, if its weights may change; null for anything else.</summary>
    public static WeightedNode? ThatComputes(Value? value)
    {
        if (value is not { Producer: { Domain.Length: 0 } node, IsOutput: false, Uses.Count: 1 } || !IsOwn(node.Input(1)) || !TakesBias(node))
            return null;
        Tensor weight = node.Inputs[1]!.Constant!;
        if (!weight.ElementType.IsComputable())
            return null;
        return node.OpType switch
        {
            "Conv" when weight.Rank >= 3 => new WeightedNode(node, 0, weight.Rank - 2, weight.Rank),
            "ConvTranspose" when weight.Rank >= 3 && node.IntAttribute("group", 1) == 1 => new WeightedNode(node, 1, weight.Rank - 2, weight.Rank),
            "Gemm" when weight.Rank == 2 => new WeightedNode(node, node.IntAttribute("transB") != 0 ? 0 : 1, 0, 2),
            "MatMul" when weight.Rank >= 2 => new WeightedNode(node, weight.Rank - 1, 0, value.Shape?.Rank ?? 1),
            _ => null,
        };
    }

    /// <summary>The greatest magnitude of the weights of each output channel; the weights are floats.</summary>
    public float[] ReadPeaks() => ChannelPeaks.Of(Weight, _channelAxis);

    /// <summary>Multiplies the output by one factor per channel, or one for all, and adds one number per channel, or one for all.</summary>
    public void Apply(double[]? factors, double[]? shifts)
    {
        if (factors is not null)
        {
            Tensor weight = Weight;
            Value value = _node.Inputs[1]!;
            value.Graph.SetInitializer(value, new Tensor(weight.ElementType, weight.Dimensions.AsSpan(), new ScaledData(weight, _channelAxis, factors)));
        }

        if (shifts is not null || (factors is not null && _node.Input(2) is not null))
            SetBias(factors, shifts);
    }

    private void SetBias(double[]? factors, double[]? shifts)
    {
        var bias = new double[Channels];
        double[]? old = ChannelConstants.Numbers(_node.Input(2));
        for (int i = 0; i < bias.Length; i++)
            bias[i] = (At(old, i, 0) * At(factors, i, 1)) + At(shifts, i, 0);

        if (_node.OpType == "MatMul")
            _node.OpType = "Gemm";

        // A new value: equal biases, often zeros, were shared before.
        _node.SetInput(2, _node.Graph!.AddInitializer(_node.Output.Name + "_bias", ChannelConstants.ToTensor(Weight.ElementType, bias)));

        static double At(double[]? numbers, int index, double missing) => numbers is null ? missing : numbers[numbers.Length == 1 ? 0 : index];
    }

    /// <summary>Whether nothing else depends on the constant: neither a caller, nor an output, nor another node.</summary>
    public static bool IsOwn(Value? value) => value is { Constant: not null, IsOutput: false, Uses.Count: 1 };

    /// <summary>Whether there is no bias, or one that another can replace: a constant number per channel.</summary>
    private static bool TakesBias(Node node)
    {
        if (node.OpType == "MatMul" || node.Input(2) is not { } bias)
            return node.FloatAttribute("beta", 1) == 1;
        if (ChannelConstants.Numbers(bias) is null || node.Inputs[1]!.Constant is not { Rank: >= 2 } weight)
            return false;
        return node.OpType != "Gemm" || (node.FloatAttribute("beta", 1) == 1
            && ChannelConstants.PerChannel(bias, weight.Dimensions[node.IntAttribute("transB") != 0 ? 0 : 1], 0, 2) is not null);
    }
}
