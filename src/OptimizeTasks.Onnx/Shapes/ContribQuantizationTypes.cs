namespace OptimizeTasks.Onnx.Shapes;

/// <summary>ONNX Runtime's own operators on quantised numbers. The input is followed by its scale and zero point.</summary>
internal static class ContribQuantizationTypes
{
    public static void Register(OperatorTable table)
    {
        void Add(TypeRule rule, params ReadOnlySpan<string> operators) => table.AddTo(OperatorTable.Contrib, rule, operators);

        Add(QuantizationTypes.Quantize, "QuantizeLinear");
        Add(QuantizationTypes.Dequantize, "DequantizeLinear");
        Add(ElementwiseTypes.SameAsFirst, "QLinearLeakyRelu", "QLinearSigmoid", "QLinearSoftmax");
        Add(node => node.Set(0, node.TypeOf(0), Broadcasting.Of(node.ShapeOf(0), node.ShapeOf(3))), "QLinearAdd", "QLinearMul");
        Add(node => node.Set(0, node.TypeOf(1), Broadcasting.Of(node.ShapeOf(0), Broadcasting.Of(node.ShapeOf(1), node.ShapeOf(4)))), "QLinearWhere");
        Add(Concat, "QLinearConcat");
        Add(node => node.Set(0, node.TypeOf(7), ChannelsLast.OfNode(node, s => ConvolutionTypes.Convolve(node, s, node.ShapeOf(3)))), "QLinearConv");
        Add(node => node.Set(0, node.TypeOf(0), ChannelsLast.OfNode(node, s => PoolingTypes.PoolShape(node, s))), "QLinearAveragePool");
        Add(node => node.Set(0, node.TypeOf(0), ChannelsLast.OfNode(node, PoolingTypes.PoolAll)), "QLinearGlobalAveragePool");
        Add(node => node.Set(0, node.TypeOf(0), MatrixTypes.Product(node.ShapeOf(0), node.ShapeOf(1))), "DynamicQuantizeMatMul");
        Add(node => node.Set(0, node.TypeOf(2), MatrixTypes.Product(node.ShapeOf(0), node.ShapeOf(1))), "MatMulIntegerToFloat");
        Add(Gemm, "QGemm");
        Add(node => ContribTypes.Attention(node, node.TypeOf(3), past: 8), "QAttention");
        Add(node => ContribTypes.EmbedLayerNormalization(node, node.TypeOf(8)), "QEmbedLayerNormalization");
        Add(GatherBlocks, "GatherBlockQuantized");
    }

    /// <summary>Scale and zero point of the result, then each input with its own.</summary>
    private static void Concat(NodeInference node)
    {
        int count = Math.Max(0, (node.Node.Inputs.Count - 2) / 3);
        node.Set(0, node.TypeOf(2), LayoutTypes.Join([.. Enumerable.Range(0, count).Select(i => node.ShapeOf(2 + (3 * i)))], node.Node.IntAttribute("axis")));
    }

    /// <summary>Without a scale of the result it is not quantised.</summary>
    private static void Gemm(NodeInference node)
    {
        Shape? a = node.Node.IntAttribute("transA") == 0 ? node.ShapeOf(0) : MatrixTypes.Transposed(node.ShapeOf(0));
        Shape? b = node.Node.IntAttribute("transB") == 0 ? node.ShapeOf(3) : MatrixTypes.Transposed(node.ShapeOf(3));
        node.Set(0, node.Has(8) ? node.TypeOf(8) : node.TypeOf(1), a is { Rank: 2 } && b is { Rank: 2 } ? new Shape(a[0], b[1]) : null);
    }

    /// <summary>Rows of a quantised table as numbers. Two numbers of 4 bits stand in one byte of the last dimension.</summary>
    private static void GatherBlocks(NodeInference node)
    {
        Shape? result = null;
        if (node.ShapeOf(0) is { Rank: > 0 } data && node.ShapeOf(1) is { } indices && NodeInference.Axis(node.Node.IntAttribute("gather_axis"), data.Rank) is { } axis)
        {
            bool isPacked = node.TypeOf(0) == ElementType.UInt8 && node.Node.IntAttribute("bits", 4) == 4;
            var unpacked = new Shape(data.Take(data.Rank - 1).Append(isPacked ? data[^1] * Dimension.Of(2) : data[^1]));
            result = new Shape(unpacked.Take(axis).Concat(indices).Concat(unpacked.Skip(axis + 1)));
        }

        node.Set(0, node.TypeOf(2), result);
    }
}
