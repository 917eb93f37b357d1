namespace OptimizeTasks.Onnx.Shapes;

/// <summary>
/// Floats that are rounded. Fractions are not followed, but where a quotient is rounded at once, as exporters write for the
/// target sizes of an interpolation, the result is: floats hold it exactly as long as sizes stay below 2^23.
/// </summary>
internal static class RoundingValues
{
    public static void Register(OperatorTable table)
    {
        table.AddValues(node => Round(node, Dimension.FloorDiv), "Floor");
        table.AddValues(node => Round(node, Dimension.CeilDiv), "Ceil");
        table.AddValues(node => node.Track(0, node.Followed(0)?.Elements), "Round");
    }

    /// <summary>Conversion to an integer drops the fraction, which is rounding down where nothing is negative.</summary>
    public static void Truncate(NodeInference node) =>
        Round(node, (dividend, divisor) => dividend.IsAtLeast(0) ? Dimension.FloorDiv(dividend, divisor) : Dimension.UnknownInteger());

    private static void Round(NodeInference node, Func<Dimension, Dimension, Dimension> quotient)
    {
        if (node.Followed(0) is { } whole)
        {
            node.Track(0, whole.Elements);
            return;
        }

        if (node.Node.Input(0)?.Producer is not { } producer || !node.IsTrackable(0, out long[] sizes))
            return;
        var division = new NodeInference(node.Graph, producer, node.Opset);
        if (producer.Is("Div") && division.Tracked(0) is { } dividend && division.Tracked(1) is { } divisor && divisor.Elements.All(d => d.IsAtLeast(1)))
            node.Track(0, [.. Positions.Of(sizes).Select(position => quotient(dividend.At(position), divisor.At(position)))]);
        else if (producer.Is("Mul") && (Scale(division, 1, 0) ?? Scale(division, 0, 1)) is var (tensor, numerator, denominator))
            node.Track(0, [.. Positions.Of(sizes).Select(position => quotient(tensor.At(position) * numerator, denominator))]);
    }

    /// <summary>One factor as a followed tensor, the other one as a fraction.</summary>
    private static (TrackedTensor Tensor, Dimension Numerator, Dimension Denominator)? Scale(NodeInference product, int constant, int followed)
    {
        if (product.Constant(constant) is not { ElementType: ElementType.Float, ElementCount: 1 } scale || product.Tracked(followed) is not { } tensor)
            return null;
        return Fractions.Of(scale.Read<float>()[0]) is var (numerator, denominator)
            ? (tensor, Dimension.OfInteger(numerator), Dimension.OfInteger(denominator))
            : null;
    }
}
