using System.Collections.Immutable;

namespace OptimizeTasks.Onnx.Shapes;

/// <summary>What a rule sees of a node, and where it puts what it finds.</summary>
internal sealed class NodeInference(GraphInference graph, Node node, long opset)
{
    private const int MaxTypeDepth = 4;

    public Node Node => node;

    /// <summary>The version of the operator's domain.</summary>
    public long Opset => opset;

    /// <summary>The walk that this is a step of.</summary>
    public GraphInference Graph => graph;

    /// <summary>Whether the optional input is there.</summary>
    public bool Has(int input) => node.Input(input) is not null;

    /// <summary>The element type of an input.</summary>
    public ElementType TypeOf(int input) => node.Input(input)?.ElementType ?? ElementType.Undefined;

    /// <summary>The shape of an input, if at least its rank is known (and one that a tensor can have).</summary>
    public Shape? ShapeOf(int input) => node.Input(input)?.Shape is { Rank: <= GraphInference.MaxRank } shape ? shape : null;

    /// <summary>The elements of an input, if they are followed.</summary>
    public TrackedTensor? Tracked(int input) => node.Input(input) is { } value ? graph.Tracked(value) : null;

    /// <summary>The elements of an input, with unknowns for those of a small integer tensor that comes from data.</summary>
    public TrackedTensor? Followed(int input)
    {
        if (node.Input(input) is not { } value || graph.Tracked(value) is { } tracked)
            return Tracked(input);
        if (value.ElementType.IsFloatingPoint() || !TrackedTensor.IsTrackable(value.ElementType, value.Shape, out long[] sizes))
            return null;
        tracked = new TrackedTensor(sizes, [.. Positions.Of(sizes).Select(_ => Dimension.UnknownInteger())]);
        graph.Track(value, tracked);
        return tracked;
    }

    /// <summary>The elements of an input, if all are known numbers.</summary>
    public long[]? Numbers(int input) => Tracked(input)?.Numbers;

    /// <summary>A list that is an attribute in older versions of the operator, and an input in newer ones.</summary>
    public long[]? Numbers(string attribute, int input) => node.IntsAttribute(attribute) is { } list ? [.. list] : Numbers(input);

    /// <summary>The integers of an attribute, or <paramref name="count"/> times the default.</summary>
    public long[] Numbers(string attribute, int count, long defaultValue)
    {
        ImmutableArray<long>? list = node.IntsAttribute(attribute);
        return list?.Length >= count ? [.. list.Value] : [.. Enumerable.Repeat(defaultValue, count)];
    }

    /// <summary>The tensor behind an input that is the same in every run: an initializer or the output of a <c>Constant</c>.</summary>
    public Tensor? Constant(int input)
    {
        Value? value = node.Input(input);
        if (value?.Producer is { } producer && producer.Is("Constant"))
            return (producer.Attribute("value") as TensorAttribute)?.Value;
        return value is null ? null : graph.Constant(value);
    }

    /// <summary>Whether an output is small enough to be followed.</summary>
    public bool IsTrackable(int output) => IsTrackable(output, out _);

    /// <summary>Whether an output is small enough to be followed, and its sizes.</summary>
    public bool IsTrackable(int output, out long[] sizes)
    {
        sizes = [];
        return output < node.Outputs.Count && node.Outputs[output] is { } value && TrackedTensor.IsTrackable(value.ElementType, value.Shape, out sizes);
    }

    /// <summary>Sets the type of an output, if it is there. <see cref="ElementType.Undefined"/> and null leave what is declared.</summary>
    public void Set(int output, ElementType type, Shape? shape) => Set(output, new TensorType(type, shape));

    /// <summary>Sets the type of an output, if it is there.</summary>
    public void Set(int output, OnnxType? type)
    {
        if (type is not null && !IsDeep(type, MaxTypeDepth) && output < node.Outputs.Count && node.Outputs[output] is { } value)
            graph.SetType(value, type);
    }

    /// <summary>Whether the type is nested deeper than any operator needs: a hostile graph could nest without end.</summary>
    private static bool IsDeep(OnnxType? type, int depth) => depth < 0 || type switch
    {
        SequenceType sequence => IsDeep(sequence.Element, depth - 1),
        OptionalType optional => IsDeep(optional.Element, depth - 1),
        MapType map => IsDeep(map.Value, depth - 1),
        _ => false,
    };

    /// <summary>Sets the elements of an output; without effect where their number does not fit its shape.</summary>
    public void Track(int output, IReadOnlyCollection<Dimension>? elements)
    {
        if (elements is null || !IsTrackable(output, out long[] sizes))
            return;
        if (sizes.Aggregate(1L, (count, size) => count * size) == elements.Count)
            graph.Track(node.Outputs[output]!, new TrackedTensor(sizes, [.. elements]));
    }

    /// <summary>Stops following the elements of an output.</summary>
    public void Forget(int output)
    {
        if (node.Outputs[output] is { } value)
            graph.Forget(value);
    }

    /// <summary>Infers the types inside a subgraph.</summary>
    public void Infer(Graph subgraph) => graph.Infer(subgraph);

    /// <summary>The axis counted from the front; null where there is no such axis.</summary>
    public static int? Axis(long axis, int rank) => axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis) : null;

    /// <summary>Marks the axes; null where one does not exist.</summary>
    public static bool[]? Axes(IEnumerable<long> axes, int rank)
    {
        var marks = new bool[rank];
        foreach (long number in axes)
        {
            if (Axis(number, rank) is not { } axis)
                return null;
            marks[axis] = true;
        }

        return marks;
    }

    /// <summary>A shape of this rank of which no size is known; null for a rank that no tensor has.</summary>
    public static Shape? UnknownShape(long rank) =>
        rank is >= 0 and <= GraphInference.MaxRank ? new Shape(Enumerable.Range(0, (int)rank).Select(_ => Dimension.Unknown())) : null;
}
