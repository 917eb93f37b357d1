namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Operators that give the same elements another layout, repeat them, join or divide tensors.</summary>
internal static class LayoutTypes
{
    public static void Register(OperatorTable table)
    {
        table.Add(node => node.Set(0, node.TypeOf(0), ReshapeTarget.Of(node)), "Reshape");
        table.Add(Flatten, "Flatten");
        table.Add(Transpose, "Transpose");
        table.Add(Squeeze, "Squeeze");
        table.Add(Unsqueeze, "Unsqueeze");
        table.Add(node => node.Set(0, node.TypeOf(0), Broadcasting.Of(node.ShapeOf(0), ShapeFromValues(node, 1))), "Expand");
        table.Add(Tile, "Tile");
        table.Add(Concat, "Concat");
        table.Add(Split, "Split");
        table.Add(DepthToSpace, "DepthToSpace");
        table.Add(SpaceToDepth, "SpaceToDepth");
        table.Add(ElementwiseTypes.SameAsFirst, "ReverseSequence", "Trilu");
    }

    /// <summary>The shape that an input's elements spell, as far as they are known.</summary>
    public static Shape? ShapeFromValues(NodeInference node, int input)
    {
        if (node.Tracked(input) is { } tracked)
            return new Shape(tracked.Elements);
        return node.ShapeOf(input) is { Rank: 1 } shape && shape[0].TryGetValue(out long rank) ? NodeInference.UnknownShape(rank) : null;
    }

    private static void Flatten(NodeInference node)
    {
        Shape? result = null;
        if (node.ShapeOf(0) is { } shape)
        {
            long axis = node.Node.IntAttribute("axis", 1);
            axis += axis < 0 ? shape.Rank : 0;
            if (axis >= 0 && axis <= shape.Rank)
                result = new Shape(Products.Of(shape.Take((int)axis)), Products.Of(shape.Skip((int)axis)));
        }

        node.Set(0, node.TypeOf(0), result ?? NodeInference.UnknownShape(2));
    }

    private static void Transpose(NodeInference node)
    {
        Shape? result = null;
        if (node.ShapeOf(0) is { } shape)
        {
            long[] order = node.Node.IntsAttribute("perm") is { } perm ? [.. perm] : [.. Enumerable.Range(0, shape.Rank).Reverse().Select(i => (long)i)];
            if (order.Length == shape.Rank && Array.TrueForAll(order, axis => axis >= 0 && axis < shape.Rank))
                result = new Shape(order.Select(axis => shape[(int)axis]));
        }

        node.Set(0, node.TypeOf(0), result);
    }

    private static void Squeeze(NodeInference node)
    {
        Shape? result = null;
        if (node.ShapeOf(0) is { } shape)
        {
            bool areGiven = node.Has(1) || node.Node.Attribute("axes") is not null;
            if (areGiven)
                result = node.Numbers("axes", 1) is { } axes && NodeInference.Axes(axes, shape.Rank) is { } marks ? new Shape(shape.Where((_, i) => !marks[i])) : null;
            else if (shape.IsStatic)
                result = new Shape(shape.Where(size => !size.Equals(Dimension.Of(1))));
        }

        node.Set(0, node.TypeOf(0), result);
    }

    private static void Unsqueeze(NodeInference node)
    {
        Shape? result = null;
        if (node.ShapeOf(0) is { } shape && node.Numbers("axes", 1) is { } axes && shape.Rank + axes.Length <= GraphInference.MaxRank
            && NodeInference.Axes(axes, shape.Rank + axes.Length) is { } marks)
        {
            int next = 0;
            result = new Shape(marks.Select(isNew => isNew || next == shape.Rank ? Dimension.Of(1) : shape[next++]));
        }
        else if (node.ShapeOf(0) is { } narrow && node.ShapeOf(1) is { Rank: 1 } count && count[0].TryGetValue(out long added))
        {
            result = NodeInference.UnknownShape(narrow.Rank + Math.Min(added, GraphInference.MaxRank + 1));
        }

        node.Set(0, node.TypeOf(0), result);
    }

    private static void Tile(NodeInference node)
    {
        Shape? result = null;
        if (node.ShapeOf(0) is { } shape)
        {
            result = node.Tracked(1) is { } repeats && repeats.Elements.Length == shape.Rank
                ? new Shape(shape.Select((size, i) => size * repeats.Elements[i]))
                : NodeInference.UnknownShape(shape.Rank);
        }

        node.Set(0, node.TypeOf(0), result);
    }

    private static void Concat(NodeInference node)
    {
        int count = node.Node.Inputs.Count;
        node.Set(0, node.TypeOf(0), Join([.. Enumerable.Range(0, count).Select(node.ShapeOf)], node.Node.IntAttribute("axis", 1)));
    }

    /// <summary>The shapes one behind the other along an axis.</summary>
    public static Shape? Join(IReadOnlyList<Shape?> shapes, long axisNumber)
    {
        int? rank = shapes.FirstOrDefault(s => s is not null)?.Rank;
        if (rank is null || NodeInference.Axis(axisNumber, rank.Value) is not { } axis || shapes.Any(s => s is not null && s.Rank != rank))
            return null;
        var sizes = new Dimension[rank.Value];
        for (int i = 0; i < sizes.Length; i++)
        {
            IEnumerable<Dimension> along = shapes.Select(s => s?[i] ?? Dimension.Unknown());
            sizes[i] = i == axis ? along.Aggregate((sum, size) => sum + size) : along.Aggregate(Broadcasting.Agree);
        }

        return new Shape(sizes);
    }

    private static void Split(NodeInference node)
    {
        int count = node.Node.Outputs.Count;
        Shape? shape = node.ShapeOf(0);
        int? axis = shape is null ? null : NodeInference.Axis(node.Node.IntAttribute("axis"), shape.Rank);
        IReadOnlyList<Dimension>? parts = axis is null ? null : Parts(node, shape![axis.Value], count);
        for (int output = 0; output < count; output++)
        {
            Dimension part = parts is not null && output < parts.Count ? parts[output] : Dimension.Unknown();
            node.Set(output, node.TypeOf(0), axis is null ? null : new Shape(shape!.Select((size, i) => i == axis ? part : size)));
        }
    }

    private static IReadOnlyList<Dimension>? Parts(NodeInference node, Dimension size, int count)
    {
        if (node.Node.IntsAttribute("split") is { } split)
            return [.. split.Select(Dimension.OfInteger)];
        if (node.Has(1))
            return node.Tracked(1)?.Elements;
        // In equal parts; a shorter last one is allowed since version 18.
        var number = Dimension.Of(count);
        if (Dimension.TryDivide(size, number, out Dimension part))
            return [.. Enumerable.Repeat(part, count)];
        if (node.Opset < 18)
            return [.. Enumerable.Repeat(Dimension.FloorDiv(size, number), count)];
        part = Dimension.CeilDiv(size, number);
        return [.. Enumerable.Repeat(part, count - 1), size - (part * Dimension.Of(count - 1))];
    }

    private static void DepthToSpace(NodeInference node)
    {
        var block = Dimension.OfInteger(node.Node.IntAttribute("blocksize", 1));
        node.Set(0, node.TypeOf(0), node.ShapeOf(0) is { Rank: 4 } s ? new Shape(s[0], Dimension.FloorDiv(s[1], block * block), s[2] * block, s[3] * block) : null);
    }

    private static void SpaceToDepth(NodeInference node)
    {
        var block = Dimension.OfInteger(node.Node.IntAttribute("blocksize", 1));
        node.Set(0, node.TypeOf(0), node.ShapeOf(0) is { Rank: 4 } s ? new Shape(s[0], s[1] * block * block, Dimension.FloorDiv(s[2], block), Dimension.FloorDiv(s[3], block)) : null);
    }
}
