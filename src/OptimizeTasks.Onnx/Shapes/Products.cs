namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Numbers of elements.</summary>
internal static class Products
{
    public static Dimension Of(IEnumerable<Dimension> sizes) => sizes.Aggregate(Dimension.Of(1L), (product, size) => product * size);

    /// <summary>
    /// The number of elements of <paramref name="dividend"/> by that of <paramref name="divisor"/>. Equal sizes cancel first,
    /// so that sizes about which nothing is known do no harm. A divisor of 0 elements has no quotient.
    /// </summary>
    public static Dimension Quotient(IEnumerable<Dimension> dividend, IEnumerable<Dimension> divisor)
    {
        var above = new List<Dimension>(dividend);
        List<Dimension> below = [.. divisor.Where(size => !above.Remove(size))];
        return Dimension.FloorDiv(Of(above), Of(below));
    }
}
