namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Operators that take elements out of tensors or put them in.</summary>
internal static class SelectionTypes
{
    public static void Register(OperatorTable table)
    {
        table.Add(Slice, "Slice");
        table.Add(Gather, "Gather");
        table.Add(node => node.Set(0, node.TypeOf(0), node.ShapeOf(1)), "GatherElements");
        table.Add(GatherNd, "GatherND");
        table.Add(ElementwiseTypes.SameAsFirst, "Scatter", "ScatterElements", "ScatterND", "TensorScatter");
        table.Add(Compress, "Compress");
        table.Add(OneHot, "OneHot");
    }

    private static void Slice(NodeInference node)
    {
        Shape? result = null;
        if (node.ShapeOf(0) is { } shape && SliceRanges.Of(node, shape.Rank) is { } ranges)
            result = new Shape(shape.Select((size, axis) => ranges.SizeOf(axis, size)));
        else if (node.ShapeOf(0) is { } unsliced)
            result = NodeInference.UnknownShape(unsliced.Rank);
        node.Set(0, node.TypeOf(0), result);
    }

    private static void Gather(NodeInference node)
    {
        Shape? result = null;
        if (node.ShapeOf(0) is { } data && node.ShapeOf(1) is { } indices && NodeInference.Axis(node.Node.IntAttribute("axis"), data.Rank) is { } axis)
            result = new Shape(data.Take(axis).Concat(indices).Concat(data.Skip(axis + 1)));
        node.Set(0, node.TypeOf(0), result);
    }

    public static void GatherNd(NodeInference node)
    {
        Shape? result = null;
        if (node.ShapeOf(0) is { } data && node.ShapeOf(1) is { Rank: > 0 } indices && indices[^1].TryGetValue(out long depth))
        {
            long kept = node.Node.IntAttribute("batch_dims") + depth;
            if (depth >= 0 && kept >= 0 && kept <= data.Rank)
                result = new Shape(indices.Take(indices.Rank - 1).Concat(data.Skip((int)kept)));
        }

        node.Set(0, node.TypeOf(0), result);
    }

    private static void Compress(NodeInference node)
    {
        Shape? result = null;
        Dimension count = node.Numbers(1) is { } condition ? Dimension.Of(condition.Count(c => c != 0)) : Dimension.Unknown();
        if (node.Node.Attribute("axis") is not IntAttribute given)
            result = new Shape(count);
        else if (node.ShapeOf(0) is { } shape && NodeInference.Axis(given.Value, shape.Rank) is { } axis)
            result = new Shape(shape.Select((size, i) => i == axis ? count : size));
        node.Set(0, node.TypeOf(0), result);
    }

    private static void OneHot(NodeInference node)
    {
        Shape? result = null;
        if (node.ShapeOf(0) is { } indices && NodeInference.Axis(node.Node.IntAttribute("axis", -1), indices.Rank + 1) is { } axis)
        {
            Dimension depth = node.Tracked(1)?.Elements is [var element] ? element : Dimension.Unknown();
            result = new Shape(indices.Take(axis).Append(depth).Concat(indices.Skip(axis)));
        }

        node.Set(0, node.TypeOf(2), result);
    }
}
