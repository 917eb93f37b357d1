namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Strides, dilations and pads of a convolution or pooling, and the sizes that follow from them.</summary>
internal sealed class Windows
{
    private readonly long[] _strides;
    private readonly long[] _dilations;
    private readonly long[] _pads;
    private readonly string _autoPad;

    private Windows(NodeInference node, int count, long[]? pads)
    {
        _strides = node.Numbers("strides", count, 1);
        _dilations = node.Numbers("dilations", count, 1);
        _pads = pads?.Length == 2 * count ? pads : node.Numbers("pads", 2 * count, 0);
        _autoPad = node.Node.StringAttribute("auto_pad", "NOTSET");
    }

    /// <summary>The node's attributes for this number of spatial dimensions; null where they make no sense.</summary>
    /// <param name="node">The node.</param>
    /// <param name="count">The number of spatial dimensions.</param>
    /// <param name="pads">The pads, if they are no attribute.</param>
    public static Windows? Of(NodeInference node, int count, long[]? pads = null)
    {
        var windows = new Windows(node, count, pads);
        return Array.TrueForAll(windows._strides, s => s > 0) ? windows : null;
    }

    /// <summary>
    /// How many windows there are along a dimension: ⌊(size + pads − extent) / stride⌋ + 1 with extent = dilation·(kernel − 1) + 1,
    /// or rounded up if <paramref name="ceiling"/>, but then the last window must begin before the padding at the end.
    /// </summary>
    public Dimension Count(int axis, Dimension size, Dimension kernel, bool ceiling)
    {
        Dimension one = Dimension.Of(1);
        Dimension stride = Dimension.OfInteger(_strides[axis]);
        Dimension extent = (Dimension.OfInteger(_dilations[axis]) * (kernel - one)) + one;
        if (_autoPad is "SAME_UPPER" or "SAME_LOWER")
            return Dimension.CeilDiv(size, stride);

        Dimension before = Dimension.OfInteger(_autoPad == "VALID" ? 0 : _pads[axis]);
        Dimension after = Dimension.OfInteger(_autoPad == "VALID" ? 0 : _pads[axis + (_pads.Length / 2)]);
        Dimension room = size + before + after - extent;
        if (!ceiling)
            return Dimension.FloorDiv(room, stride) + one;
        Dimension last = Dimension.CeilDiv(room, stride);
        return (after + stride).IsAtMost(extent) ? last + one : Dimension.Min(last + one, Dimension.CeilDiv(size + before, stride));
    }

    /// <summary>The size that a transposed convolution gives a dimension: stride·(size − 1) + output padding + extent − pads.</summary>
    public Dimension Spread(int axis, Dimension size, Dimension kernel, long outputPadding)
    {
        Dimension one = Dimension.Of(1);
        Dimension stride = Dimension.OfInteger(_strides[axis]);
        if (_autoPad is "SAME_UPPER" or "SAME_LOWER")
            return size * stride;
        Dimension extent = (Dimension.OfInteger(_dilations[axis]) * (kernel - one)) + one;
        Dimension pads = _autoPad == "VALID" ? Dimension.Of(0) : Dimension.OfInteger(_pads[axis]) + Dimension.OfInteger(_pads[axis + (_pads.Length / 2)]);
        return (stride * (size - one)) + Dimension.OfInteger(outputPadding) + extent - pads;
    }
}
