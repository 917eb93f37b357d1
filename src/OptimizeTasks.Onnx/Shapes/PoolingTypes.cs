namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Pooling over windows, over everything, and over regions.</summary>
internal static class PoolingTypes
{
    public static void Register(OperatorTable table)
    {
        table.Add(Pool, "AveragePool", "LpPool", "MaxPool");
        table.AddTo(OperatorTable.Contrib, Pool, "MaxpoolWithMask");
        table.Add(node => node.Set(0, node.TypeOf(0), PoolAll(node.ShapeOf(0))), "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool");
        table.Add(Unpool, "MaxUnpool");
        table.Add(RoiAlign, "RoiAlign");
        table.Add(MaxRoiPool, "MaxRoiPool");
    }

    private static void Pool(NodeInference node)
    {
        Shape? shape = PoolShape(node, node.ShapeOf(0));
        node.Set(0, node.TypeOf(0), shape);
        node.Set(1, ElementType.Int64, shape);
    }

    public static Shape? PoolShape(NodeInference node, Shape? input)
    {
        if (input is not { Rank: >= 2 } || node.Node.IntsAttribute("kernel_shape") is not { } kernel
            || kernel.Length != input.Rank - 2 || Windows.Of(node, kernel.Length) is not { } windows)
            return null;
        bool ceiling = node.Node.IntAttribute("ceil_mode") != 0;
        return new Shape(input.Select((size, i) => i < 2 ? size : windows.Count(i - 2, size, Dimension.OfInteger(kernel[i - 2]), ceiling)));
    }

    public static Shape? PoolAll(Shape? input) => input is null ? null : new Shape(input.Select((size, i) => i < 2 ? size : Dimension.Of(1)));

    private static void Unpool(NodeInference node)
    {
        Shape? shape = null;
        if (node.Has(2))
            shape = LayoutTypes.ShapeFromValues(node, 2);
        else if (node.ShapeOf(0) is { Rank: >= 2 } input && node.Node.IntsAttribute("kernel_shape") is { } kernel && kernel.Length == input.Rank - 2 && Windows.Of(node, kernel.Length) is { } windows)
            shape = new Shape(input.Select((size, i) => i < 2 ? size : windows.Spread(i - 2, size, Dimension.OfInteger(kernel[i - 2]), 0)));
        node.Set(0, node.TypeOf(0), shape);
    }

    private static void RoiAlign(NodeInference node)
    {
        Dimension channels = node.ShapeOf(0) is { Rank: 4 } input ? input[1] : Dimension.Unknown();
        Dimension regions = node.ShapeOf(1) is { Rank: 2 } rois ? rois[0] : Dimension.Unknown();
        node.Set(0, node.TypeOf(0), new Shape(regions, channels, Dimension.OfInteger(node.Node.IntAttribute("output_height", 1)), Dimension.OfInteger(node.Node.IntAttribute("output_width", 1))));
    }

    private static void MaxRoiPool(NodeInference node)
    {
        if (node.Node.IntsAttribute("pooled_shape") is not { Length: 2 } pooled)
            return;
        Dimension channels = node.ShapeOf(0) is { Rank: 4 } input ? input[1] : Dimension.Unknown();
        Dimension regions = node.ShapeOf(1) is { Rank: 2 } rois ? rois[0] : Dimension.Unknown();
        node.Set(0, node.TypeOf(0), new Shape(regions, channels, Dimension.OfInteger(pooled[0]), Dimension.OfInteger(pooled[1])));
    }
}
