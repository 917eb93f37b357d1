namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Signal processing.</summary>
internal static class SignalTypes
{
    public static void Register(OperatorTable table)
    {
        table.Add(Window, "BlackmanWindow", "HammingWindow", "HannWindow");
        table.Add(MelWeightMatrix, "MelWeightMatrix");
        table.Add(FourierTransform, "DFT");
        table.Add(ShortTimeFourierTransform, "STFT");
    }

    private static void Window(NodeInference node) =>
        node.Set(0, ElementwiseTypes.TypeOr(node, "output_datatype", ElementType.Float), new Shape(Element(node, 0) ?? Dimension.Unknown()));

    private static void MelWeightMatrix(NodeInference node)
    {
        Dimension frequencies = Element(node, 1) is { } length ? Dimension.FloorDiv(length, Dimension.Of(2)) + Dimension.Of(1) : Dimension.Unknown();
        node.Set(0, ElementwiseTypes.TypeOr(node, "output_datatype", ElementType.Float), new Shape(frequencies, Element(node, 0) ?? Dimension.Unknown()));
    }

    /// <summary>The axis is an attribute before version 20, and an input since. The last dimension is that of real and imaginary parts.</summary>
    private static void FourierTransform(NodeInference node)
    {
        Shape? result = null;
        if (node.ShapeOf(0) is { } shape)
        {
            long? number = node.Opset < 20 ? node.Node.IntAttribute("axis", 1) : node.Has(2) ? node.Numbers(2) is [var given] ? given : null : -2;
            if (number is { } axisNumber && NodeInference.Axis(axisNumber, shape.Rank) is { } axis)
            {
                Dimension length = node.Has(1) ? Element(node, 1) ?? Dimension.Unknown() : shape[axis];
                if (node.Node.IntAttribute("onesided") != 0)
                    length = Dimension.FloorDiv(length, Dimension.Of(2)) + Dimension.Of(1);
                result = new Shape(shape.Select((size, i) => i == axis ? length : i == shape.Rank - 1 ? Dimension.Of(2) : size));
            }
            else
            {
                result = NodeInference.UnknownShape(shape.Rank);
            }
        }

        node.Set(0, node.TypeOf(0), result);
    }

    private static void ShortTimeFourierTransform(NodeInference node)
    {
        Shape? result = null;
        if (node.ShapeOf(0) is { Rank: >= 2 } signal)
        {
            Dimension? length = Element(node, 3) ?? (node.ShapeOf(2) is { Rank: 1 } window ? window[0] : null);
            Dimension frames = Dimension.Unknown();
            if (length is not null && Element(node, 1) is { } step)
                frames = Dimension.FloorDiv(signal[1] - length, step) + Dimension.Of(1);
            Dimension bins = length is null ? Dimension.Unknown()
                : node.Node.IntAttribute("onesided", 1) != 0 ? Dimension.FloorDiv(length, Dimension.Of(2)) + Dimension.Of(1) : length;
            result = new Shape(signal[0], frames, bins, Dimension.Of(2));
        }

        node.Set(0, node.TypeOf(0), result);
    }

    private static Dimension? Element(NodeInference node, int input) => node.Tracked(input)?.Elements is [var element] ? element : null;
}
