namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Conversion to and from quantised numbers.</summary>
internal static class QuantizationTypes
{
    public static void Register(OperatorTable table)
    {
        table.Add(Quantize, "QuantizeLinear");
        table.Add(Dequantize, "DequantizeLinear");
        table.Add(DynamicQuantize, "DynamicQuantizeLinear");
    }

    public static void Quantize(NodeInference node)
    {
        ElementType type = node.Has(2) ? node.TypeOf(2) : ElementwiseTypes.TypeOr(node, "output_dtype", ElementType.UInt8);
        node.Set(0, type, node.ShapeOf(0));
    }

    public static void Dequantize(NodeInference node) => node.Set(0, ElementwiseTypes.TypeOr(node, "output_dtype", node.TypeOf(1)), node.ShapeOf(0));

    private static void DynamicQuantize(NodeInference node)
    {
        node.Set(0, ElementType.UInt8, node.ShapeOf(0));
        node.Set(1, ElementType.Float, Shape.Scalar);
        node.Set(2, ElementType.UInt8, Shape.Scalar);
    }
}
