using System.Collections.Frozen;
using System.Globalization;

namespace OptimizeTasks.Compiler.Importing;

/// <summary>How many inputs and outputs an operator of ONNX's own domain has (ONNX's <c>Changelog.md</c>).</summary>
/// <param name="Inputs">The inputs.</param>
/// <param name="Outputs">The outputs.</param>
internal sealed record OperatorArity(ValueCount Inputs, ValueCount Outputs)
{
    private const int Oldest = 7;

    /// <summary>Inputs and outputs of the oldest version; behind a comma those of newer ones, where they differ. Behind the colon the operators.</summary>
    private static readonly FrozenDictionary<string, (int Since, OperatorArity Arity)[]> s_arities = Parse("""
        0>1: Constant RandomNormal RandomUniform SequenceEmpty
        1>1: Abs Acos Acosh ArgMax ArgMin Asin Asinh Atan Atanh AveragePool Bernoulli BitCast BitwiseNot BlackmanWindow Cast Ceil Celu ConcatFromSequence ConstantOfShape
        1>1: Cos Cosh DepthToSpace Det Elu Erf Exp EyeLike Flatten Floor Gelu GlobalAveragePool GlobalLpPool GlobalMaxPool HammingWindow HannWindow HardSigmoid HardSwish
        1>1: Hardmax Identity ImageDecoder IsInf IsNaN LRN LeakyRelu Log LogSoftmax LpNormalization LpPool MeanVarianceNormalization Mish Multinomial Neg NonZero Not
        1>1: OptionalGetElement RandomNormalLike RandomUniformLike Reciprocal RegexFullMatch Relu Round Selu SequenceLength Shape Shrink Sigmoid Sign Sin Sinh Size
        1>1: Softmax Softplus Softsign SpaceToDepth Sqrt StringNormalizer Swish Tan Tanh TfIdfVectorizer ThresholdedRelu Transpose
        1>2: StringSplit
        1>3: DynamicQuantizeLinear
        1>1-4: Unique
        1>1+: If
        1+>1: Concat Einsum Max Mean Min SequenceConstruct Sum
        1+>1+: SequenceMap
        0-1>1: Optional
        1-2>1: SequenceErase SplitToSequence Trilu
        2>1: Add AffineGrid And BitShift BitwiseAnd BitwiseOr BitwiseXor CastLike CenterCropPad Compress CumProd CumSum Div Equal Expand Gather GatherElements GatherND
        2>1: Greater GreaterOrEqual GridSample Less LessOrEqual MatMul MaxRoiPool Mod Mul Or PRelu Pow RMSNormalization Reshape ReverseSequence SequenceAt StringConcat
        2>1: Sub Tile Xor
        2>1-2: SimplifiedLayerNormalization
        2-3>1: Conv ConvTranspose DequantizeLinear MaxUnpool NegativeLogLikelihoodLoss QuantizeLinear SequenceInsert TensorScatter
        2-3>1-2: SoftmaxCrossEntropyLoss
        2-3>1-3: LayerNormalization
        2-4>1: ConvInteger MatMulInteger STFT
        2-5>1: NonMaxSuppression
        3>1: Col2Im GroupNormalization InstanceNormalization OneHot Range RoiAlign Scatter ScatterElements ScatterND Where
        3-4>1: RotaryEmbedding
        3-5>1: DeformConv
        3-6>0-2: GRU RNN
        3-8>0-3: LSTM
        5>1: MelWeightMatrix
        8>1: QLinearMatMul
        8-9>1: QLinearConv
        1>1, 8 1>1-2: MaxPool
        1>1, 9 2>1: Upsample
        1>1, 10 3-5>1: Slice
        1>1, 11 1-3>1: Clip
        1>1, 11 2-3>1, 18 2-4>1: Pad
        1>1, 13 1-2>1: ReduceSum Squeeze
        1>1, 13 2>1: Unsqueeze
        1>1, 18 0-1>1: OptionalHasElement
        1>1, 18 1-2>1: ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSumSquare
        1>1+, 13 1-2>1+: Split
        1>1-2, 12 1-3>1-2: Dropout
        1>2, 10 2>2: TopK
        1-2>1, 20 1-3>1: DFT
        2>1, 11 3-4>1, 13 1-4>1: Resize
        2+>1+, 9 1+>1+: Scan
        3>1, 11 2-3>1: Gemm
        3+>1+, 11 2+>1+: Loop
        3-6>1-4, 24 3-7>1-4: Attention
        5>1-5, 14 5>1-3: BatchNormalization
        """);

    /// <summary>The operator's in this operator set, from 7 on; null where it is unknown. Newer operator sets than are known may have more of both.</summary>
    public static OperatorArity? In(string opType, long opset)
    {
        if (opset < Oldest || !s_arities.TryGetValue(opType, out (int Since, OperatorArity Arity)[]? arities))
            return null;
        OperatorArity arity = arities.Last(a => a.Since <= opset).Arity;
        return opset <= OperatorVersions.Newest ? arity : new OperatorArity(arity.Inputs.OrMore, arity.Outputs.OrMore);
    }

    private static FrozenDictionary<string, (int Since, OperatorArity Arity)[]> Parse(string table)
    {
        var arities = new Dictionary<string, (int Since, OperatorArity Arity)[]>(StringComparer.Ordinal);
        foreach (string line in table.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split(": ");
            (int Since, OperatorArity Arity)[] versions = [.. parts[0].Split(", ").Select(ParseVersion)];
            foreach (string opType in parts[1].Split(' '))
                arities.Add(opType, versions);
        }

        return arities.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static (int Since, OperatorArity Arity) ParseVersion(string text)
    {
        string[] words = text.Split(' ');
        string[] counts = words[^1].Split('>');
        return (words.Length > 1 ? int.Parse(words[0], CultureInfo.InvariantCulture) : 0, new OperatorArity(ValueCount.Parse(counts[0]), ValueCount.Parse(counts[1])));
    }
}
