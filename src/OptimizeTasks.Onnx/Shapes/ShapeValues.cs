namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Where followed elements come from: shapes and constants.</summary>
internal static class ShapeValues
{
    public static void Register(OperatorTable table)
    {
        table.AddValues(node => node.Track(0, node.ShapeOf(0) is { } shape ? Part(node, shape) : null), "Shape");
        table.AddValues(node => node.Track(0, node.ShapeOf(0) is { } shape ? [Products.Of(shape)] : null), "Size");
        table.AddValues(Constant, "Constant");
        table.AddValues(ConstantOfShape, "ConstantOfShape");
        table.AddValues(Range, "Range");
    }

    /// <summary>The dimensions that <c>Shape</c> gives: from <c>start</c> to <c>end</c> since version 15.</summary>
    public static IReadOnlyCollection<Dimension> Part(NodeInference node, Shape shape)
    {
        int start = Clamp(node.Node.IntAttribute("start"), shape.Rank);
        int end = Clamp(node.Node.IntAttribute("end", shape.Rank), shape.Rank);
        return [.. shape.Skip(start).Take(Math.Max(0, end - start))];
    }

    private static int Clamp(long axis, int rank) => (int)Math.Clamp(axis < 0 ? axis + rank : axis, 0, rank);

    private static void Constant(NodeInference node)
    {
        foreach (NodeAttribute attribute in node.Node.Attributes)
        {
            Tensor? tensor = attribute switch
            {
                TensorAttribute { Name: "value" } a => a.Value,
                IntAttribute { Name: "value_int" } a => Tensor.Create(ElementType.Int64, [], [a.Value]),
                IntsAttribute { Name: "value_ints" } a => Tensor.OfInt64(a.Values.AsSpan()),
                FloatAttribute { Name: "value_float" } a => Tensor.OfFloat(a.Value),
                FloatsAttribute { Name: "value_floats" } a => Tensor.Create(ElementType.Float, [a.Values.Length], a.Values.AsSpan()),
                _ => null,
            };
            if (tensor is not null && TrackedTensor.Read(tensor) is { } tracked)
                node.Track(0, tracked.Elements);
        }
    }

    private static void ConstantOfShape(NodeInference node)
    {
        if (!node.IsTrackable(0, out long[] sizes))
            return;
        Dimension? fill = node.Node.Attribute("value") is TensorAttribute { Value: { } value } ? TrackedTensor.Read(value)?.Elements is [var element] ? element : null : Dimension.Of(0L);
        if (fill is not null)
            node.Track(0, [.. Positions.Of(sizes).Select(_ => fill)]);
    }

    private static void Range(NodeInference node)
    {
        if (!node.IsTrackable(0, out long[] sizes) || node.Followed(0)?.Elements is not [var start] || node.Followed(2)?.Elements is not [var delta])
            return;
        node.Track(0, [.. Positions.Of(sizes).Select(position => start + (delta * Dimension.Of(position[0])))]);
    }
}
