namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Followed elements that are moved, chosen, joined or repeated.</summary>
internal static class RearrangementValues
{
    public static void Register(OperatorTable table)
    {
        table.AddValues(
            node => node.Track(0, node.Followed(0)?.Elements),
            "Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze");
        table.AddValues(node => Map(node, (position, sizes) => Positions.IndexOf(position, sizes)), "Expand");
        table.AddValues(node => Map(node, (position, sizes) => Positions.IndexOf([.. position.Zip(sizes, (p, size) => p % size)], sizes)), "Tile");
        table.AddValues(Transpose, "Transpose");
        table.AddValues(Concat, "Concat");
        table.AddValues(Split, "Split");
        table.AddValues(Slice, "Slice");
        table.AddValues(Gather, "Gather");
        table.AddValues(ScatterElements, "ScatterElements", "Scatter");
    }

    /// <summary>Every element of the output is the input's element that the function finds for its position.</summary>
    private static void Map(NodeInference node, Func<long[], long[], int> indexOf)
    {
        if (!node.IsTrackable(0, out long[] sizes) || node.Followed(0) is not { } input)
            return;
        var elements = new List<Dimension>();
        foreach (long[] position in Positions.Of(sizes))
        {
            int index = indexOf(position, input.Sizes);
            if (index < 0)
                return;
            elements.Add(input.Elements[index]);
        }

        node.Track(0, elements);
    }

    private static void Transpose(NodeInference node)
    {
        long[]? order = node.Node.IntsAttribute("perm") is { } perm ? [.. perm] : null;
        Map(node, (position, sizes) =>
        {
            var source = new long[sizes.Length];
            for (int i = 0; i < source.Length; i++)
                source[order?[i] ?? (source.Length - 1 - i)] = position[i];
            return Positions.IndexOf(source, sizes);
        });
    }

    private static void Concat(NodeInference node)
    {
        if (!node.IsTrackable(0, out long[] sizes) || NodeInference.Axis(node.Node.IntAttribute("axis", 1), sizes.Length) is not { } axis)
            return;
        var inputs = new List<TrackedTensor>();
        for (int i = 0; i < node.Node.Inputs.Count; i++)
        {
            if (node.Followed(i) is not { } input || input.Sizes.Length != sizes.Length)
                return;
            inputs.Add(input);
        }

        var elements = new List<Dimension>();
        foreach (long[] position in Positions.Of(sizes))
        {
            long[] inside = [.. position];
            int number = 0;
            while (number < inputs.Count && inside[axis] >= inputs[number].Sizes[axis])
                inside[axis] -= inputs[number++].Sizes[axis];
            if (number == inputs.Count)
                return;
            elements.Add(inputs[number].At(inside));
        }

        node.Track(0, elements);
    }

    private static void Split(NodeInference node)
    {
        if (node.Followed(0) is not { } input || NodeInference.Axis(node.Node.IntAttribute("axis"), input.Sizes.Length) is not { } axis)
            return;
        long start = 0;
        for (int output = 0; output < node.Node.Outputs.Count; output++)
        {
            if (!node.IsTrackable(output, out long[] sizes) || start + sizes[axis] > input.Sizes[axis])
                return;
            var elements = new List<Dimension>();
            foreach (long[] position in Positions.Of(sizes))
            {
                long[] inside = [.. position];
                inside[axis] += start;
                elements.Add(input.At(inside));
            }

            node.Track(output, elements);
            start += sizes[axis];
        }
    }

    private static void Slice(NodeInference node)
    {
        if (node.Followed(0) is not { } input || SliceRanges.Of(node, input.Sizes.Length) is not { } ranges)
            return;
        var indices = new long[input.Sizes.Length][];
        for (int axis = 0; axis < indices.Length; axis++)
        {
            if (ranges.IndicesOf(axis, input.Sizes[axis]) is not { } taken)
                return;
            indices[axis] = taken;
        }

        Map(node, (position, sizes) => position.Zip(indices).All(p => p.First < p.Second.Length) ? Positions.IndexOf([.. position.Select((p, axis) => indices[axis][p])], sizes) : -1);
    }

    private static void Gather(NodeInference node)
    {
        if (node.Numbers(1) is not { } indices || node.ShapeOf(1) is not { } shape || node.Followed(0) is not { } data
            || NodeInference.Axis(node.Node.IntAttribute("axis"), data.Sizes.Length) is not { } axis || !shape.TryGetSizes(out long[] indexSizes))
            return;
        Map(node, (position, sizes) =>
        {
            long index = indices[Positions.IndexOf(position.AsSpan(axis, indexSizes.Length), indexSizes)];
            if (NodeInference.Axis(index, (int)sizes[axis]) is not { } taken)
                return -1;
            return Positions.IndexOf([.. position[..axis], taken, .. position[(axis + indexSizes.Length)..]], sizes);
        });
    }

    private static void ScatterElements(NodeInference node)
    {
        if (node.Followed(0) is not { Sizes.Length: 1 } data || node.Numbers(1) is not { } indices || node.Followed(2) is not { } updates
            || updates.Elements.Length != indices.Length || node.Node.StringAttribute("reduction", "none") != "none")
            return;
        Dimension[] elements = [.. data.Elements];
        for (int i = 0; i < indices.Length; i++)
        {
            if (NodeInference.Axis(indices[i], elements.Length) is not { } place)
                return;
            elements[place] = updates.Elements[i];
        }

        node.Track(0, elements);
    }
}
