namespace OptimizeTasks.Onnx.Shapes;

/// <summary>What is true of a value whichever of two types it has.</summary>
internal static class TypeMerging
{
    /// <summary>The type that covers both: sizes that differ are unknown; null where the types have nothing in common.</summary>
    public static OnnxType? Common(OnnxType? a, OnnxType? b)
    {
        if (a is null || b is null || a.Equals(b))
            return b is null ? null : a;
        return (a, b) switch
        {
            (TensorType x, TensorType y) when x.ElementType == y.ElementType => new TensorType(x.ElementType, Common(x.Shape, y.Shape)),
            (SequenceType x, SequenceType y) => new SequenceType(Common(x.Element, y.Element)),
            (OptionalType x, OptionalType y) => new OptionalType(Common(x.Element, y.Element)),
            _ => null,
        };
    }

    private static Shape? Common(Shape? a, Shape? b)
    {
        if (a is null || b is null || a.Rank != b.Rank)
            return null;
        return new Shape(a.Zip(b, (x, y) => x.Equals(y) ? x : Dimension.Unknown()));
    }
}
