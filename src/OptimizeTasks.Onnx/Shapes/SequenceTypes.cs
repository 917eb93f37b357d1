namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Sequences, optional values and texts.</summary>
internal static class SequenceTypes
{
    public static void Register(OperatorTable table)
    {
        table.Add(node => node.Set(0, new SequenceType(new TensorType(ElementwiseTypes.TypeOr(node, "dtype", ElementType.Float)))), "SequenceEmpty");
        table.Add(Construct, "SequenceConstruct");
        table.Add(Insert, "SequenceInsert");
        table.Add(ElementwiseTypes.SameAsFirst, "SequenceErase");
        table.Add(node => node.Set(0, (node.Node.Input(0)?.Type as SequenceType)?.Element), "SequenceAt");
        table.Add(node => node.Set(0, ElementType.Int64, Shape.Scalar), "SequenceLength");
        table.Add(node => node.Set(0, (Element(node) as TensorType)?.ElementType ?? ElementType.Undefined, null), "ConcatFromSequence");
        table.Add(node => node.Set(0, new SequenceType(new TensorType(node.TypeOf(0)))), "SplitToSequence");
        table.Add(Optional, "Optional");
        table.Add(node => node.Set(0, node.Node.Input(0)?.Type is OptionalType o ? o.Element : node.Node.Input(0)?.Type), "OptionalGetElement");
        table.Add(node => node.Set(0, ElementType.Bool, Shape.Scalar), "OptionalHasElement");
        table.Add(node => node.Set(0, ElementType.String, node.ShapeOf(0) is { Rank: 2 } s ? new Shape(s[0], Dimension.Unknown()) : NodeInference.UnknownShape(1)), "StringNormalizer");
        table.Add(StringSplit, "StringSplit");
        table.Add(NGrams, "TfIdfVectorizer");
    }

    private static OnnxType? Element(NodeInference node) => (node.Node.Input(0)?.Type as SequenceType)?.Element;

    private static void Construct(NodeInference node) =>
        node.Set(0, new SequenceType(Common([.. node.Node.Inputs.Select(i => i?.Type)])));

    private static void Insert(NodeInference node)
    {
        OnnxType? inserted = node.Node.Input(1)?.Type;
        // Nothing is known of the elements of an empty sequence but their type, so that shapes cannot be compared.
        node.Set(0, new SequenceType(Element(node) is { } element ? Common([element, inserted]) : null));
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

    private static void StringSplit(NodeInference node)
    {
        node.Set(0, ElementType.String, node.ShapeOf(0) is { } shape ? new Shape(shape.Append(Dimension.Unknown())) : null);
        node.Set(1, ElementType.Int64, node.ShapeOf(0));
    }

    private static void NGrams(NodeInference node)
    {
        var length = Dimension.OfInteger(node.Node.IntsAttribute("ngram_indexes") is { Length: > 0 } indexes ? indexes.Max() + 1 : 0);
        node.Set(0, ElementType.Float, node.ShapeOf(0) is { Rank: 2 } shape ? new Shape(shape[0], length) : new Shape(length));
    }
}
