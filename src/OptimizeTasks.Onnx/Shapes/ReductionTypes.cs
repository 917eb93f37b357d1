namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Reductions over axes, and what looks for elements.</summary>
internal static class ReductionTypes
{
    public static void Register(OperatorTable table)
    {
        table.Add(
            Reduce,
            "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare");
        table.Add(ArgExtremum, "ArgMax", "ArgMin");
        table.Add(TopK, "TopK");
        table.Add(NonZero, "NonZero");
        table.Add(Unique, "Unique");
        table.Add(node => node.Set(0, ElementType.Int64, new Shape(Dimension.Unknown(), Dimension.Of(3))), "NonMaxSuppression");
    }

    private static void Reduce(NodeInference node)
    {
        Shape? result = null;
        if (node.ShapeOf(0) is { } shape)
        {
            bool keep = node.Node.IntAttribute("keepdims", 1) != 0;
            long[]? axes = node.Numbers("axes", 1);
            bool areGiven = node.Node.Attribute("axes") is not null || node.Has(1);
            if (areGiven && axes is null)
                result = keep ? NodeInference.UnknownShape(shape.Rank) : null;
            else if (axes is null or [])
                result = !areGiven || axes is [] ? ReduceAll(node, shape, keep) : null;
            else if (NodeInference.Axes(axes, shape.Rank) is { } marks)
                result = Without(shape, marks, keep);
        }

        node.Set(0, node.TypeOf(0), result);
    }

    /// <summary>No axes mean all axes, or, with <c>noop_with_empty_axes</c>, none.</summary>
    private static Shape ReduceAll(NodeInference node, Shape shape, bool keep)
    {
        if (node.Node.IntAttribute("noop_with_empty_axes") != 0)
            return shape;
        return keep ? new Shape(shape.Select(_ => Dimension.Of(1))) : Shape.Scalar;
    }

    private static Shape Without(Shape shape, bool[] axes, bool keep) => keep
        ? new Shape(shape.Select((size, i) => axes[i] ? Dimension.Of(1) : size))
        : new Shape(shape.Where((_, i) => !axes[i]));

    private static void ArgExtremum(NodeInference node)
    {
        Shape? result = null;
        if (node.ShapeOf(0) is { } shape && NodeInference.Axes([node.Node.IntAttribute("axis")], shape.Rank) is { } marks)
            result = Without(shape, marks, node.Node.IntAttribute("keepdims", 1) != 0);
        node.Set(0, ElementType.Int64, result);
    }

    private static void TopK(NodeInference node)
    {
        Shape? result = null;
        if (node.ShapeOf(0) is { } shape && NodeInference.Axis(node.Node.IntAttribute("axis", -1), shape.Rank) is { } axis)
        {
            Dimension k = node.Node.Attribute("k") is IntAttribute attribute
                ? Dimension.OfInteger(attribute.Value)
                : node.Tracked(1)?.Elements is [var element] ? element : Dimension.Unknown();
            result = new Shape(shape.Select((size, i) => i == axis ? k : size));
        }

        node.Set(0, node.TypeOf(0), result);
        node.Set(1, ElementType.Int64, result);
    }

    private static void NonZero(NodeInference node)
    {
        Shape? shape = node.ShapeOf(0);
        Dimension rank = shape is null ? Dimension.Unknown() : Dimension.Of(Math.Max(1, shape.Rank));
        node.Set(0, ElementType.Int64, new Shape(rank, CountNonZero(node, shape)));
    }

    /// <summary>All or none, if all elements are the same constant, as exporters write for a range.</summary>
    private static Dimension CountNonZero(NodeInference node, Shape? shape)
    {
        if (shape is null || node.Node.Input(0)?.Producer is not { } producer || !producer.Is("ConstantOfShape"))
            return Dimension.Unknown();
        long[]? fill = producer.Attribute("value") is TensorAttribute value ? TrackedTensor.Read(value.Value)?.Numbers : [0];
        return fill switch
        {
            [0] => Dimension.Of(0L),
            [_] => Products.Of(shape),
            _ => Dimension.Unknown(),
        };
    }

    private static void Unique(NodeInference node)
    {
        Dimension count = Dimension.Unknown();
        Shape? result = new(count);
        Shape? all = node.ShapeOf(0);
        Dimension searched = all is null ? Dimension.Unknown() : Products.Of(all);
        if (node.Node.Attribute("axis") is IntAttribute given)
        {
            int? axis = all is null ? null : NodeInference.Axis(given.Value, all.Rank);
            searched = axis is null ? Dimension.Unknown() : all![axis.Value];
            result = axis is null ? null : new Shape(all!.Select((size, i) => i == axis ? count : size));
        }

        node.Set(0, node.TypeOf(0), result);
        node.Set(1, ElementType.Int64, new Shape(count));
        node.Set(2, ElementType.Int64, new Shape(searched));
        node.Set(3, ElementType.Int64, new Shape(count));
    }
}
