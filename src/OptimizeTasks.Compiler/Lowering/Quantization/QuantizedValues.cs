using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Quantization;

/// <summary>
/// The codes of values, with their channels where the file has them or last, as the kernels for pictures want them. What is
/// missing is made when a kernel asks for it.
/// </summary>
internal sealed class QuantizedValues(Graph graph, StaticScales scales)
{
    private readonly Dictionary<(Value Value, bool ChannelsLast), Value> _codes = [];
    private readonly Dictionary<(Value Value, long Channels), Value> _filled = [];
    private readonly List<(Value Value, bool ChannelsLast)> _computed = [];
    private readonly HashSet<Value> _codesOfKernels = [];

    /// <summary>Whether a kernel gave the codes of the value, with its channels last.</summary>
    public bool HasChannelsLast(Value value) => _codes.ContainsKey((value, true));

    /// <summary>Whether a kernel gave the codes.</summary>
    public bool IsComputed(Value value) => _codesOfKernels.Contains(value);

    /// <summary>Takes the codes of a value that a kernel gives.</summary>
    public void Add(Value value, bool channelsLast, Value codes)
    {
        codes.Type = new TensorType(scales.CodeType, ShapeOf(value, channelsLast));
        _codes.Add((value, channelsLast), codes);
        _computed.Add((value, channelsLast));
        _codesOfKernels.Add(value);
    }

    /// <summary>The codes of a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="channelsLast">Where the channels stand; of a value with fewer than three axes they stand where they do.</param>
    /// <param name="before">The node that wants them.</param>
    public Value Codes(Value value, bool channelsLast, Node before)
    {
        channelsLast &= value.Shape!.Rank > 2;
        if (_codes.TryGetValue((value, channelsLast), out Value? codes))
            return codes;
        codes = _codes.TryGetValue((value, !channelsLast), out Value? other) ? Transposed(value, other, channelsLast, before)
            : channelsLast ? Transposed(value, Codes(value, false, before), true, before)
            : Quantized(value, before);
        _codes.Add((value, channelsLast), codes);
        return codes;
    }

    /// <summary>The codes of a value that no kernel gives, channels last, with further channels of zeros.</summary>
    public Value Filled(Value value, long channels, Node before)
    {
        if (_filled.TryGetValue((value, channels), out Value? filled))
            return filled;
        int rank = value.Shape!.Rank;
        var pads = new long[2 * rank];
        value.Shape[1].TryGetValue(out long present);
        pads[rank + 1] = channels - present;
        Value padded = graph.Apply(
            "Pad", [Codes(value, false, before), graph.AddInitializer(value.Name + "_pads", Tensor.OfInt64(pads)), scales.ConstantsOf(value).ZeroPoint], value.Name + "_filled", before: before);
        padded.Type = new TensorType(scales.CodeType, new Shape(value.Shape.Select((d, i) => i == 1 ? Dimension.Of(channels) : d)));
        filled = Transposed(value, padded, channelsLast: true, before);
        _filled.Add((value, channels), filled);
        return filled;
    }

    /// <summary>Gives what is in floating point the numbers of the codes that kernels gave.</summary>
    /// <param name="isReplaced">Whether a node will be gone.</param>
    public void Dequantize(Func<Node, bool> isReplaced)
    {
        foreach ((Value value, bool channelsLast) in _computed.ToArray())
        {
            if (!value.IsOutput && value.Uses.All(use => isReplaced(use.Node)))
                continue;
            Node? behind = _codes[(value, channelsLast)].Producer!.Next;
            Value codes = channelsLast ? Transposed(value, _codes[(value, true)], false, behind) : _codes[(value, false)];
            (Value scale, Value zeroPoint) = scales.ConstantsOf(value);
            Value numbers = graph.Apply("DequantizeLinear", [codes, scale, zeroPoint], value.Name + "_numbers", before: behind);
            numbers.Type = value.Type;
            graph.Replace(value, numbers);
        }
    }

    /// <summary>The permutation that moves channels to the end, or back.</summary>
    public static Permutation Moves(int rank, bool channelsLast) => Permutation.Of(
        [.. Enumerable.Range(0, rank).Select(i => i == 0 ? 0L : channelsLast ? (i == rank - 1 ? 1 : i + 1) : i == 1 ? rank - 1 : i - 1)])!;

    private static Shape? ShapeOf(Value value, bool channelsLast) =>
        value.Shape is { } shape && channelsLast ? new Shape(Moves(shape.Rank, true).Apply([.. shape])) : value.Shape;

    private Value Quantized(Value value, Node before)
    {
        (Value scale, Value zeroPoint) = scales.ConstantsOf(value);
        Value codes = graph.Apply("QuantizeLinear", [value, scale, zeroPoint], value.Name + "_codes", before: before);
        codes.Type = new TensorType(scales.CodeType, value.Shape);
        return codes;
    }

    private Value Transposed(Value value, Value codes, bool channelsLast, Node? before)
    {
        Permutation permutation = Moves(value.Shape!.Rank, channelsLast);
        Value transposed = graph.Apply("Transpose", [codes], codes.Name + (channelsLast ? "_last" : "_first"), [permutation.ToAttribute()], before: before);
        transposed.Type = new TensorType(scales.CodeType, new Shape(permutation.Apply([.. codes.Shape!])));
        return transposed;
    }
}
