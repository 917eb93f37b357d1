using System.Collections.Frozen;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>
/// Which operators compute in 16 bits, by the kernels that ONNX Runtime documents for CUDA. Those that sum up or magnify
/// what rounding leaves (ReduceSum, Exp, Pow, Erf, CumSum) are not among them; in fused operators the kernels do that in
/// single precision.
/// </summary>
internal static class PrecisionOperators
{
    private static readonly FrozenSet<string> s_leading = Set(
        "MatMul Gemm LayerNormalization RMSNormalization Attention RotaryEmbedding");

    private static readonly FrozenSet<string> s_leadingInHalf = Set(
        "Conv ConvTranspose GroupNormalization InstanceNormalization BatchNormalization LSTM GRU RNN");

    private static readonly FrozenSet<string> s_following = Set(
        "Add Sub Mul Div Max Min Neg Relu Sigmoid Tanh Softmax Gelu Where "
        + "Reshape Flatten Transpose Squeeze Unsqueeze Identity Concat Split Slice Gather Expand");

    private static readonly FrozenSet<string> s_followingInHalf = Set(
        "Swish HardSwish HardSigmoid Mish LeakyRelu PRelu Elu Selu Celu Softplus LogSoftmax Clip Abs "
        + "MaxPool AveragePool GlobalAveragePool GlobalMaxPool ReduceMax ReduceMin ReduceMean "
        + "Pad Tile GatherElements GatherND DepthToSpace SpaceToDepth");

    /// <summary>Operators whose result says little once digits of their inputs are lost: angles, steps, comparisons, positions.</summary>
    private static readonly FrozenSet<string> s_exact = Set(
        "Sin Cos Tan Floor Ceil Round Mod Less LessOrEqual Greater GreaterOrEqual Equal Range CumSum Resize NonMaxSuppression");

    /// <summary>Operators whose attributes or other inputs say the type of what they give.</summary>
    private static readonly FrozenSet<string> s_typed = Set(
        "Cast CastLike QuantizeLinear DequantizeLinear ConstantOfShape EyeLike RandomNormal RandomNormalLike RandomUniform RandomUniformLike Bernoulli Multinomial");

    /// <summary>Operators to which a number from <see cref="PrecisionChange.Huge"/> on may as well be another huge one.</summary>
    private static readonly FrozenSet<string> s_masking = Set(
        "Add Where Max Min Clip Pad Attention Reshape Transpose Squeeze Unsqueeze Identity Concat Split Slice Gather Expand");

    /// <summary>Operators whose third input is added to what they compute.</summary>
    private static readonly FrozenSet<string> s_biased = Set(
        "Gemm Conv ConvTranspose LayerNormalization GroupNormalization InstanceNormalization BatchNormalization");

    /// <summary>What the node does when values become the type.</summary>
    public static PrecisionRole RoleOf(Node node, PrecisionChange change)
    {
        if (node.Domain.Length > 0 || node.Subgraphs.Any())
            return PrecisionRole.Stays;
        if (!change.Narrows)
            return s_typed.Contains(node.OpType) ? PrecisionRole.Stays : PrecisionRole.Leads;
        bool isHalf = change.To == ElementType.Float16;
        if (s_leading.Contains(node.OpType) || (isHalf && s_leadingInHalf.Contains(node.OpType)))
            return PrecisionRole.Leads;
        return s_following.Contains(node.OpType) || (isHalf && s_followingInHalf.Contains(node.OpType)) ? PrecisionRole.Follows : PrecisionRole.Stays;
    }

    /// <summary>Whether what the node is given must keep its digits.</summary>
    public static bool NeedsDigits(this Node node) =>
        node.Domain.Length == 0 && (s_exact.Contains(node.OpType) || (node.Is("Cast") && !((ElementType)node.IntAttribute("to")).IsFloatingPoint()));

    /// <summary>Whether the node takes floating-point numbers of any type, whatever it makes of them.</summary>
    public static bool TakesAnyType(this Node node) => node.Domain.Length == 0 && node.OpType is "Cast" or "Shape" or "Size";

    /// <summary>Whether the node adds the constant to something, channel by channel: then what is much smaller than that need not be exact.</summary>
    public static bool AddsChannels(this Node node, Value constant) => constant.Constant is { ElementCount: > 1 }
        && (node.Is("Add") || node.Is("Sub") || (node.Domain.Length == 0 && s_biased.Contains(node.OpType) && node.Input(2) == constant));

    /// <summary>Whether huge constants of the node may become <see cref="PrecisionChange.HugeStandIn"/>.</summary>
    public static bool TakesMasks(this Node node) => node.Domain.Length == 0 && s_masking.Contains(node.OpType);

    private static FrozenSet<string> Set(string names) => names.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
