namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Texts.</summary>
internal static class TextTypes
{
    public static void Register(OperatorTable table)
    {
        table.Add(Normalize, "StringNormalizer");
        table.Add(Split, "StringSplit");
        table.Add(NGrams, "TfIdfVectorizer");
        table.AddTo(OperatorTable.Contrib, node => node.Set(0, ElementType.String, node.ShapeOf(0) is { } shape ? new Shape(shape.Append(Dimension.Unknown())) : null), "Tokenizer");
    }

    /// <summary>Texts or rows of one row; stop words fall out.</summary>
    private static void Normalize(NodeInference node)
    {
        Shape? shape = node.ShapeOf(0);
        if (node.Node.Attribute("stopwords") is not null && shape is { Rank: > 0 })
            shape = new Shape(shape.Take(shape.Rank - 1).Append(Dimension.Unknown()));
        node.Set(0, ElementType.String, shape);
    }

    private static void Split(NodeInference node)
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
