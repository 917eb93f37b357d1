namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Sequences and optional values. The types of a short sequence's elements are followed one by one, as far as they are known.</summary>
internal static class SequenceTypes
{
    /// <summary>Longer sequences are not followed.</summary>
    private const int MaxLength = 64;

    public static void Register(OperatorTable table)
    {
        table.Add(node => SetContents(node, [], ElementwiseTypes.TypeOr(node, "dtype", ElementType.Float)), "SequenceEmpty");
        table.Add(node => SetContents(node, [.. node.Node.Inputs.Select(i => i?.Type)]), "SequenceConstruct");
        table.Add(Insert, "SequenceInsert");
        table.Add(Erase, "SequenceErase");
        table.Add(node => node.Set(0, Contents(node) is { } all && Place(node, 1, all.Count) is { } place ? all[place] : Element(node)), "SequenceAt");
        table.Add(node => node.Set(0, ElementType.Int64, Shape.Scalar), "SequenceLength");
        table.AddValues(node => node.Track(0, Contents(node) is { } all ? [Dimension.Of(all.Count)] : null), "SequenceLength");
        table.Add(Concat, "ConcatFromSequence");
        table.Add(Split, "SplitToSequence");
        table.Add(Optional, "Optional");
        table.Add(node => node.Set(0, node.Node.Input(0)?.Type is OptionalType o ? o.Element : node.Node.Input(0)?.Type), "OptionalGetElement");
        table.Add(node => node.Set(0, ElementType.Bool, Shape.Scalar), "OptionalHasElement");
    }

    private static OnnxType? Element(NodeInference node) => (node.Node.Input(0)?.Type as SequenceType)?.Element;

    private static IReadOnlyList<OnnxType?>? Contents(NodeInference node) => node.Node.Input(0) is { } sequence ? node.Graph.Contents(sequence) : null;

    private static void SetContents(NodeInference node, IReadOnlyList<OnnxType?> contents, ElementType typeOfNone = ElementType.Undefined)
    {
        OnnxType? element = contents.Count == 0 && typeOfNone != ElementType.Undefined ? new TensorType(typeOfNone) : Common(contents);
        node.Set(0, new SequenceType(element));
        if (contents.Count <= MaxLength && node.Node.Outputs is [{ } output])
            node.Graph.SetContents(output, contents);
    }

    private static void Insert(NodeInference node)
    {
        OnnxType? inserted = node.Node.Input(1)?.Type;
        if (Contents(node) is { } contents && (node.Has(2) ? Place(node, 2, contents.Count + 1, contents.Count) : contents.Count) is { } place)
            SetContents(node, [.. contents.Take(place), inserted, .. contents.Skip(place)]);
        else
            node.Set(0, new SequenceType(Element(node) is { } element ? Common([element, inserted]) : null));
    }

    private static void Erase(NodeInference node)
    {
        if (Contents(node) is { Count: > 0 } contents && (node.Has(1) ? Place(node, 1, contents.Count) : contents.Count - 1) is { } place)
            SetContents(node, [.. contents.Where((_, i) => i != place)], (Element(node) as TensorType)?.ElementType ?? ElementType.Undefined);
        else
            node.Set(0, node.Node.Input(0)?.Type);
    }

    /// <summary>The place that an input names, from the end where it is negative; null where it is not known, or there is none.</summary>
    private static int? Place(NodeInference node, int input, int count, int? length = null)
    {
        if (node.Numbers(input) is not [var number])
            return null;
        long place = number < 0 ? number + (length ?? count) : number;
        return place >= 0 && place < count ? (int)place : null;
    }

    private static void Concat(NodeInference node)
    {
        long axisNumber = node.Node.IntAttribute("axis");
        bool isNew = node.Node.IntAttribute("new_axis") != 0;
        Shape? shape = null;
        if (Contents(node) is { Count: > 0 } contents)
            shape = LayoutTypes.Join([.. contents.Select(type => Widened((type as TensorType)?.Shape, axisNumber, isNew))], axisNumber);
        else if (Widened((Element(node) as TensorType)?.Shape, axisNumber, isNew) is { } element && NodeInference.Axis(axisNumber, element.Rank) is { } axis)
            shape = new Shape(element.Select((size, i) => i == axis ? Dimension.Unknown() : size));
        node.Set(0, (Element(node) as TensorType)?.ElementType ?? ElementType.Undefined, shape);
    }

    /// <summary>The shape with a new axis of size 1, if there is to be one.</summary>
    private static Shape? Widened(Shape? shape, long axisNumber, bool isNew)
    {
        if (!isNew || shape is null)
            return shape;
        return NodeInference.Axis(axisNumber, shape.Rank + 1) is { } axis ? new Shape(shape.Take(axis).Append(Dimension.Of(1)).Concat(shape.Skip(axis))) : null;
    }

    /// <summary>In parts of size 1, which may lose the axis, of one size but for the last, or of the sizes of a list.</summary>
    private static void Split(NodeInference node)
    {
        if (node.ShapeOf(0) is not { } shape || NodeInference.Axis(node.Node.IntAttribute("axis"), shape.Rank) is not { } axis)
        {
            node.Set(0, new SequenceType(new TensorType(node.TypeOf(0))));
            return;
        }

        bool keep = node.Has(1) || node.Node.IntAttribute("keepdims", 1) != 0;
        OnnxType Part(Dimension part) =>
            new TensorType(node.TypeOf(0), new Shape(keep ? shape.Select((size, i) => i == axis ? part : size) : shape.Where((_, i) => i != axis)));
        if (PartsOf(node, shape[axis]) is { } parts)
            SetContents(node, [.. parts.Select(Part)]);
        else
            node.Set(0, new SequenceType(Part(node.Has(1) ? Dimension.Unknown() : Dimension.Of(1))));
    }

    private static IReadOnlyList<Dimension>? PartsOf(NodeInference node, Dimension size)
    {
        if (node.ShapeOf(1) is { Rank: 1 })
            return node.Tracked(1)?.Elements;
        long? part = !node.Has(1) ? 1 : node.Numbers(1) is [var number] ? number : null;
        if (part is not > 0 || !size.TryGetValue(out long length) || (length - 1) / part.Value >= MaxLength)
            return null;
        int count = length == 0 ? 0 : (int)((length - 1) / part.Value) + 1;
        return [.. Enumerable.Range(0, count).Select(i => Dimension.Of(Math.Min(part.Value, length - (i * part.Value))))];
    }

    private static void Optional(NodeInference node)
    {
        OnnxType? element = node.Has(0) ? node.Node.Input(0)!.Type : (node.Node.Attribute("type") as TypeAttribute)?.Value;
        node.Set(0, element is null ? null : new OptionalType(element));
    }

    private static OnnxType? Common(IReadOnlyList<OnnxType?> types)
    {
        if (types.Count == 0 || types.Any(t => t is null))
            return null;
        return types.Aggregate(TypeMerging.Common);
    }
}
