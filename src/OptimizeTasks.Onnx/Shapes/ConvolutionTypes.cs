namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Convolutions. Inputs are [batch, channels, spatial…], weights [filters, channels / group, kernel…].</summary>
internal static class ConvolutionTypes
{
    public static void Register(OperatorTable table)
    {
        table.Add(node => node.Set(0, node.TypeOf(0), Convolve(node, node.ShapeOf(0), node.ShapeOf(1))), "Conv");
        table.Add(node => node.Set(0, ElementType.Int32, Convolve(node, node.ShapeOf(0), node.ShapeOf(1))), "ConvInteger");
        table.Add(node => node.Set(0, node.TypeOf(7), Convolve(node, node.ShapeOf(0), node.ShapeOf(3))), "QLinearConv");
        table.Add(node => node.Set(0, node.TypeOf(0), Convolve(node, node.ShapeOf(0), node.ShapeOf(1))), "DeformConv");
        table.Add(node => node.Set(0, node.TypeOf(0), ConvolveTransposed(node, null)), "ConvTranspose");
        table.AddTo(OperatorTable.Contrib, ConvolveTransposedWithPads, "ConvTransposeWithDynamicPads");
    }

    public static Shape? Convolve(NodeInference node, Shape? input, Shape? weight)
    {
        if (Kernel(node, weight) is not { } kernel || Windows.Of(node, kernel.Length) is not { } windows)
            return null;
        if (input is null)
            return null;
        if (input.Rank != kernel.Length + 2)
            return null;
        var sizes = new Dimension[input.Rank];
        sizes[0] = input[0];
        sizes[1] = weight is null ? Dimension.Unknown() : weight[0];
        for (int i = 0; i < kernel.Length; i++)
            sizes[i + 2] = windows.Count(i, input[i + 2], kernel[i], ceiling: false);
        return new Shape(sizes);
    }

    private static void ConvolveTransposedWithPads(NodeInference node)
    {
        Shape? unknown = node.ShapeOf(0) is { } input ? NodeInference.UnknownShape(input.Rank) : null;
        node.Set(0, node.TypeOf(0), !node.Has(2) || node.Numbers(2) is not null ? ConvolveTransposed(node, node.Numbers(2)) : unknown);
    }

    private static Shape? ConvolveTransposed(NodeInference node, long[]? pads)
    {
        if (node.ShapeOf(0) is not { } input || node.ShapeOf(1) is not { } weight || Kernel(node, weight) is not { } kernel
            || input.Rank != kernel.Length + 2 || Windows.Of(node, kernel.Length, pads) is not { } windows)
            return null;
        long[] outputPadding = node.Numbers("output_padding", kernel.Length, 0);
        long[]? outputShape = node.Node.IntsAttribute("output_shape") is { } given ? [.. given] : null;
        var sizes = new Dimension[input.Rank];
        sizes[0] = input[0];
        sizes[1] = weight[1] * Dimension.OfInteger(node.Node.IntAttribute("group", 1));
        for (int i = 0; i < kernel.Length; i++)
        {
            sizes[i + 2] = outputShape is not null
                ? Dimension.OfInteger(outputShape[outputShape.Length - kernel.Length + i < 0 ? 0 : outputShape.Length - kernel.Length + i])
                : windows.Spread(i, input[i + 2], kernel[i], outputPadding[i]);
        }

        return new Shape(sizes);
    }

    /// <summary>The kernel's sizes: the attribute, or the weight's last dimensions.</summary>
    private static Dimension[]? Kernel(NodeInference node, Shape? weight)
    {
        if (node.Node.IntsAttribute("kernel_shape") is { } kernel && (weight is null || weight.Rank == kernel.Length + 2))
            return [.. kernel.Select(Dimension.OfInteger)];
        return weight is { Rank: >= 2 } ? [.. weight.Skip(2)] : null;
    }
}
