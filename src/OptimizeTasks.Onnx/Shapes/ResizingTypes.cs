namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Padding, interpolation and sampling of images.</summary>
internal static class ResizingTypes
{
    public static void Register(OperatorTable table)
    {
        table.Add(Pad, "Pad");
        table.Add(Resize, "Resize", "Upsample");
        table.Add(GridSample, "GridSample");
        table.Add(AffineGrid, "AffineGrid");
        table.Add(CenterCropPad, "CenterCropPad");
        table.Add(ColumnsToImage, "Col2Im");
    }

    public static void Pad(NodeInference node)
    {
        Shape? result = null;
        if (node.ShapeOf(0) is { } shape)
            result = PadShape(node, shape) ?? NodeInference.UnknownShape(shape.Rank);
        node.Set(0, node.TypeOf(0), result);
    }

    private static Shape? PadShape(NodeInference node, Shape shape)
    {
        IReadOnlyList<Dimension>? pads = (node.Node.IntsAttribute("pads") ?? node.Node.IntsAttribute("paddings")) is { } list
            ? [.. list.Select(Dimension.OfInteger)]
            : node.Tracked(1)?.Elements;
        long[]? axes = node.Has(3) ? node.Numbers(3) : [.. Enumerable.Range(0, shape.Rank).Select(i => (long)i)];
        if (pads is null || axes is null || pads.Count != 2 * axes.Length)
            return null;
        Dimension[] sizes = [.. shape];
        for (int i = 0; i < axes.Length; i++)
        {
            if (NodeInference.Axis(axes[i], shape.Rank) is not { } axis)
                return null;
            sizes[axis] = sizes[axis] + pads[i] + pads[i + axes.Length];
        }

        return new Shape(sizes);
    }

    /// <summary><c>Upsample</c> has scales only; <c>Resize</c> has a region too since version 11, and sizes instead of scales.</summary>
    private static void Resize(NodeInference node)
    {
        Shape? result = null;
        if (node.ShapeOf(0) is { } shape)
        {
            bool hasRegion = node.Node.OpType == "Resize" && node.Opset >= 11;
            int scales = hasRegion ? 2 : 1;
            long[]? axes = node.Node.IntsAttribute("axes") is { } list ? [.. list] : [.. Enumerable.Range(0, shape.Rank).Select(i => (long)i)];
            result = (hasRegion && node.Has(3) ? BySizes(node, shape, axes) : ByScales(node, shape, scales, axes)) ?? NodeInference.UnknownShape(shape.Rank);
        }

        node.Set(0, node.TypeOf(0), result);
    }

    private static Shape? BySizes(NodeInference node, Shape shape, long[] axes)
    {
        if (node.Tracked(3) is not { } target || target.Elements.Length != axes.Length || NodeInference.Axes(axes, shape.Rank) is null)
            return null;
        Dimension[] sizes = [.. shape];
        string policy = node.Node.StringAttribute("keep_aspect_ratio_policy", "stretch");
        float? scale = policy == "stretch" ? null : CommonScale(shape, target, axes, policy == "not_larger");
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = NodeInference.Axis(axes[i], shape.Rank)!.Value;
            if (policy == "stretch")
                sizes[axis] = target.Elements[i];
            else
                sizes[axis] = scale is { } s && shape[axis].TryGetValue(out long size) ? Dimension.OfInteger((long)MathF.Round(s * size, MidpointRounding.AwayFromZero)) : Dimension.Unknown();
        }

        return new Shape(sizes);
    }

    /// <summary>The scale that keeps the proportions and makes no axis larger, or none smaller, than its target; null where one is not a number.</summary>
    private static float? CommonScale(Shape shape, TrackedTensor target, long[] axes, bool isLeast)
    {
        float? scale = null;
        for (int i = 0; i < axes.Length; i++)
        {
            if (!shape[NodeInference.Axis(axes[i], shape.Rank)!.Value].TryGetValue(out long size) || size == 0 || !target.Elements[i].TryGetValue(out long wanted))
                return null;
            float own = (float)wanted / size;
            scale = scale is not { } other ? own : isLeast ? MathF.Min(own, other) : MathF.Max(own, other);
        }

        return scale;
    }

    private static Shape? ByScales(NodeInference node, Shape shape, int input, long[] axes)
    {
        if (Scales(node, input) is not { } scales || scales.Length != axes.Length)
            return null;
        Dimension[] sizes = [.. shape];
        for (int i = 0; i < axes.Length; i++)
        {
            if (NodeInference.Axis(axes[i], shape.Rank) is not { } axis)
                return null;
            sizes[axis] = Scaled(sizes[axis], scales[i]);
        }

        return new Shape(sizes);
    }

    private static float[]? Scales(NodeInference node, int input)
    {
        if (node.Node.Attribute("scales") is FloatsAttribute attribute)
            return [.. attribute.Values];
        if (node.Constant(input) is { ElementType: ElementType.Float, ElementCount: <= TrackedTensor.MaxElements } constant)
            return constant.Read<float>().ToArray();
        return node.Numbers(input) is { } whole ? [.. whole.Select(n => (float)n)] : null;
    }

    /// <summary>⌊size·scale⌋. For a size that is not a number the scale must be a fraction that floats hold exactly, as 2 or 0.5.</summary>
    private static Dimension Scaled(Dimension size, float scale)
    {
        if (!(scale > 0) || scale > (1 << 24))
            return Dimension.Unknown();
        if (size.TryGetValue(out long number))
            return number * (double)scale < long.MaxValue ? Dimension.OfInteger((long)(number * scale)) : Dimension.Unknown();
        return Fractions.Of(scale) is var (numerator, denominator)
            ? Dimension.FloorDiv(size * Dimension.OfInteger(numerator), Dimension.OfInteger(denominator))
            : Dimension.Unknown();
    }

    public static void GridSample(NodeInference node)
    {
        Shape? result = null;
        if (node.ShapeOf(0) is { Rank: >= 3 } input && node.ShapeOf(1) is { } grid && grid.Rank == input.Rank)
            result = new Shape(input.Take(2).Concat(grid.Skip(1).Take(grid.Rank - 2)));
        node.Set(0, node.TypeOf(0), result);
    }

    private static void AffineGrid(NodeInference node)
    {
        Shape? result = null;
        if (LayoutTypes.ShapeFromValues(node, 1) is { Rank: >= 4 } size)
            result = new Shape(size.Skip(2).Prepend(size[0]).Append(Dimension.Of(size.Rank - 2)));
        node.Set(0, node.TypeOf(0), result);
    }

    private static void CenterCropPad(NodeInference node)
    {
        Shape? result = null;
        if (node.ShapeOf(0) is { } shape)
        {
            Dimension[] sizes = [.. shape];
            long[] axes = node.Node.IntsAttribute("axes") is { } list ? [.. list] : [.. Enumerable.Range(0, shape.Rank).Select(i => (long)i)];
            IReadOnlyList<Dimension>? target = node.Tracked(1)?.Elements;
            for (int i = 0; i < axes.Length; i++)
            {
                if (NodeInference.Axis(axes[i], shape.Rank) is { } axis)
                    sizes[axis] = i < target?.Count ? target[i] : Dimension.Unknown();
            }

            result = new Shape(sizes);
        }

        node.Set(0, node.TypeOf(0), result);
    }

    private static void ColumnsToImage(NodeInference node)
    {
        Shape? result = null;
        if (node.ShapeOf(0) is { Rank: 3 } columns && LayoutTypes.ShapeFromValues(node, 1) is { } image && LayoutTypes.ShapeFromValues(node, 2) is { } block)
            result = new Shape(image.Prepend(Dimension.FloorDiv(columns[1], Products.Of(block))).Prepend(columns[0]));
        node.Set(0, node.TypeOf(0), result);
    }
}
