using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Planning;
using OptimizeTasks.Compiler.Quantization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Quantization;

/// <summary>Makes initializers of quantised weights. The same weights in the same format are one, whatever uses them: tied weights stay tied.</summary>
internal sealed class QuantizedWeights(PassContext context)
{
    private readonly Dictionary<TensorComputation, TensorComputation> _computations = [];
    private readonly Dictionary<(ComputedData Data, Shape Shape), Value> _values = [];

    /// <summary>The weights of a node in blocks along their summed axis.</summary>
    public (TensorComputation Computation, BlockFormat Format) Blocks(WeightUse use, PlannedNode planned)
    {
        var format = new BlockFormat(planned.Format == WeightFormat.Int4 ? 4 : 8, planned.BlockSize!.Value, planned.Symmetric!.Value, planned.Clipping ?? false);
        WeightMatrix matrix = Matrix(use.Weight, use.Node);
        return (Once<TensorComputation>(context.Factors.TryGetValue(use.Node, out FeedbackFactor? factor)
            ? new FeedbackWeights(matrix, use.IsInnerSummed, format, factor)
            : new BlockwiseWeights(matrix, use.IsInnerSummed, format)), format);
    }

    /// <summary>The weights of a product with one scale for each channel, the summed axis first.</summary>
    public TensorComputation Channels(WeightUse use)
    {
        WeightMatrix matrix = Matrix(use.Weight, use.Node);
        return Once<TensorComputation>(use.IsInnerSummed ? new RowwiseWeights(matrix, matrix.Outer, isTransposed: true) : new ColumnwiseWeights(matrix));
    }

    /// <summary>A matrix in signed 8 bits with the scales of its channels, in the order in which it is stored.</summary>
    public ComputedData Codes(WeightMatrix matrix, bool byRow, GivenScales scales) => byRow
        ? Once(new RowwiseWeights(matrix, matrix.Outer, isTransposed: false, scales)).Outputs[RowwiseWeights.CodesIndex]
        : Once(new ColumnwiseWeights(matrix, scales)).Outputs[ColumnwiseWeights.CodesIndex];

    /// <summary>Whether each channel of a product whose activations are calibrated has a scale of its own.</summary>
    public bool HasScalePerChannel(Node node) => context.Formats[node].PerChannel ?? true;

    /// <summary>What rounding the weights of a product adds to each channel; null where it is not to be known.</summary>
    /// <param name="node">The product.</param>
    /// <param name="matrix">Its weights.</param>
    /// <param name="byRow">Whether a channel is a row.</param>
    /// <param name="scales">The scale of each channel.</param>
    public double[]? ShiftOf(Node node, WeightMatrix matrix, bool byRow, float[] scales) =>
        context.ExpectedInputs.TryGetValue(node, out double[]? inputs) ? RoundingShift.Of(matrix, byRow, Array.ConvertAll(scales, scale => new ChannelScale(scale, 1 / scale)), inputs) : null;

    /// <summary>The same of a product with the scales that <see cref="Channels"/> gives.</summary>
    public double[]? ShiftOf(WeightUse use)
    {
        if (!context.ExpectedInputs.TryGetValue(use.Node, out double[]? inputs))
            return null;
        WeightMatrix matrix = Matrix(use.Weight, use.Node);
        return RoundingShift.Of(matrix, use.IsInnerSummed, Array.ConvertAll(matrix.ReadPeaks(use.IsInnerSummed), ChannelScale.Of), inputs);
    }

    /// <summary>Several matrices behind each other with one scale for each row, every matrix transposed.</summary>
    public TensorComputation TransposedRows(Value weight, Node node) =>
        Once(new RowwiseWeights(Matrix(weight, node), weight.Constant!.Dimensions[1], isTransposed: true));

    /// <summary>A value with a result of a computation.</summary>
    public Value Value(Value weight, string suffix, ElementType type, ComputedData data, params ReadOnlySpan<long> sizes)
    {
        var key = (data, Shape.Of(sizes));
        if (!_values.TryGetValue(key, out Value? value))
            _values.Add(key, value = weight.Graph.AddInitializer(weight.Name + suffix, new Tensor(type, sizes, data)));
        return value;
    }

    /// <summary>The weights of a node as a matrix of other sizes.</summary>
    public WeightMatrix Matrix(Value weight, Tensor matrix, Node node) => new(
        matrix,
        Diagnostics.WeightNotFinite.Create($"The weight '{weight.Name}' has infinities or NaN and cannot be quantised", context.File, node.PlanName()));

    private WeightMatrix Matrix(Value weight, Node node) => Matrix(weight, weight.Constant!, node);

    private T Once<T>(T computation)
        where T : TensorComputation
    {
        if (_computations.TryGetValue(computation, out TensorComputation? known))
            return (T)known;
        _computations.Add(computation, computation);
        return computation;
    }
}
