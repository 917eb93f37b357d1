namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Operators whose output is made, not computed from elements: constants, ranges, random numbers, shapes.</summary>
internal static class GenerationTypes
{
    public static void Register(OperatorTable table)
    {
        table.Add(Constant, "Constant");
        table.Add(ConstantOfShape, "ConstantOfShape");
        table.Add(Range, "Range");
        table.Add(Random, "RandomNormal", "RandomUniform");
        table.Add(Multinomial, "Multinomial");
        table.Add(ShapeOf, "Shape");
        table.Add(node => node.Set(0, ElementType.Int64, Shape.Scalar), "Size");
    }

    private static void Constant(NodeInference node)
    {
        foreach (NodeAttribute attribute in node.Node.Attributes)
        {
            OnnxType? type = attribute switch
            {
                TensorAttribute { Name: "value" } a => new TensorType(a.Value.ElementType, a.Value.Shape),
                IntAttribute { Name: "value_int" } => new TensorType(ElementType.Int64, Shape.Scalar),
                FloatAttribute { Name: "value_float" } => new TensorType(ElementType.Float, Shape.Scalar),
                StringAttribute { Name: "value_string" } => new TensorType(ElementType.String, Shape.Scalar),
                IntsAttribute { Name: "value_ints" } a => new TensorType(ElementType.Int64, Shape.Of(a.Values.Length)),
                FloatsAttribute { Name: "value_floats" } a => new TensorType(ElementType.Float, Shape.Of(a.Values.Length)),
                StringsAttribute { Name: "value_strings" } a => new TensorType(ElementType.String, Shape.Of(a.Values.Length)),
                _ => null,
            };
            node.Set(0, type);
        }
    }

    private static void ConstantOfShape(NodeInference node)
    {
        ElementType type = node.Node.Attribute("value") is TensorAttribute value ? value.Value.ElementType : ElementType.Float;
        node.Set(0, type, LayoutTypes.ShapeFromValues(node, 0));
    }

    /// <summary>⌈(limit − start) / delta⌉ elements, at least 0.</summary>
    public static void Range(NodeInference node) => node.Set(0, node.TypeOf(0), new Shape(WholeRange(node) ?? FractionalRange(node) ?? Dimension.Unknown()));

    private static Dimension? WholeRange(NodeInference node)
    {
        if (node.Tracked(0)?.Elements is not [var start] || node.Tracked(1)?.Elements is not [var limit] || node.Numbers(2) is not [var delta] || delta is 0 or long.MinValue)
            return null;
        Dimension length = delta > 0 ? limit - start : start - limit;
        return Dimension.Max(Dimension.Of(0L), Dimension.CeilDiv(length, Dimension.OfInteger(Math.Abs(delta))));
    }

    private static Dimension? FractionalRange(NodeInference node)
    {
        if (Number(node, 0) is not { } start || Number(node, 1) is not { } limit || Number(node, 2) is not { } delta)
            return null;
        double count = Math.Ceiling((limit - start) / delta);
        return count < long.MaxValue ? Dimension.OfInteger(Math.Max(0, (long)count)) : null;
    }

    private static double? Number(NodeInference node, int input) => node.Constant(input) switch
    {
        { ElementType: ElementType.Float, ElementCount: 1 } tensor => tensor.Read<float>()[0],
        { ElementType: ElementType.Double, ElementCount: 1 } tensor => tensor.Read<double>()[0],
        _ => null,
    };

    private static void Random(NodeInference node)
    {
        if (node.Node.IntsAttribute("shape") is { } shape)
            node.Set(0, ElementwiseTypes.TypeOr(node, "dtype", ElementType.Float), new Shape(shape.Select(Dimension.OfInteger)));
    }

    private static void Multinomial(NodeInference node)
    {
        Dimension batch = node.ShapeOf(0) is { Rank: 2 } shape ? shape[0] : Dimension.Unknown();
        node.Set(0, ElementwiseTypes.TypeOr(node, "dtype", ElementType.Int32), new Shape(batch, Dimension.OfInteger(node.Node.IntAttribute("sample_size", 1))));
    }

    private static void ShapeOf(NodeInference node)
    {
        Dimension length = node.ShapeOf(0) is { } shape ? Dimension.Of(ShapeValues.Part(node, shape).Count) : Dimension.Unknown();
        node.Set(0, ElementType.Int64, new Shape(length));
    }
}
