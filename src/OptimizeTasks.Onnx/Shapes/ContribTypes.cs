namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Operators of ONNX Runtime's own domain (its page ContribOperators).</summary>
internal static class ContribTypes
{
    public static void Register(OperatorTable table)
    {
        void Add(TypeRule rule, params ReadOnlySpan<string> operators) => table.AddTo(OperatorTable.Contrib, rule, operators);

        Add(
            ElementwiseTypes.SameAsFirst,
            "BiasAdd", "BiasGelu", "BiasSoftmax", "BitmaskDropoutGrad", "DropoutGrad", "FastGelu", "GatedAdd", "Gelu", "GroupNorm", "Inverse",
            "MoE", "QMoE", "QuickGelu", "RotaryEmbedding", "Trilu");
        Add(SkipNormalization, "SkipLayerNormalization", "SkipSimplifiedLayerNormalization");
        Add(node => EmbedLayerNormalization(node, node.TypeOf(2)), "EmbedLayerNormalization");
        Add(node => Attention(node, node.TypeOf(0), past: 4), "Attention");
        Add(MultiHeadAttention, "MultiHeadAttention");
        Add(GroupQueryAttention, "GroupQueryAttention");
        Add(FusedMatMul, "FusedMatMul", "FusedMatMulActivation", "TransposeMatMul");
        Add(node => node.Set(0, node.TypeOf(0), MatrixTypes.Product(node.ShapeOf(0), node.ShapeOf(1))), "GemmFastGelu");
        Add(MatMulNBits, "MatMulBnb4", "MatMulFpQ4", "MatMulNBits");
        Add(MatrixTypes.Gemm, "FusedGemm");
        Add(node => node.Set(0, node.TypeOf(0), ConvolutionTypes.Convolve(node, node.ShapeOf(0), node.ShapeOf(1))), "FusedConv");
        Add(node => node.Set(0, node.TypeOf(0), ChannelsLast.Of(node.ShapeOf(0), s => ConvolutionTypes.Convolve(node, s, node.ShapeOf(1)))), "NhwcConv", "NhwcFusedConv");
        Add(node => node.Set(0, node.TypeOf(0), ChannelsLast.Of(node.ShapeOf(0), s => PoolingTypes.PoolShape(node, s))), "NhwcMaxPool");
        Add(CropAndResize, "CropAndResize");
        Add(ResizingTypes.GridSample, "GridSample");
        Add(ResizingTypes.Pad, "Pad");
        Add(SelectionTypes.GatherNd, "GatherND");
        Add(ExpandDims, "ExpandDims");
        Add(GenerationTypes.Range, "Range");
        Add(Unique, "Unique");
        Add(node => node.Set(0, node.Node.IntAttribute("positive", 1) != 0 ? ElementType.UInt32 : ElementType.Int32, node.ShapeOf(0)), "MurmurHash3");
        Add(node => node.Set(0, node.Node.Input(1)?.Type), "NGramRepeatBlock");
        Add(node => node.Set(0, node.TypeOf(0), node.ShapeOf(0) is { Rank: 2 } a && node.ShapeOf(1) is { Rank: 2 } b ? new Shape(a[0], b[0]) : null), "CDist");
        Add(Dropout, "BiasDropout");
        Add(BitmaskDropout, "BitmaskBiasDropout", "BitmaskDropout");
    }

    /// <summary>Output, mean and inverse deviation (training only), and the sum before the normalisation.</summary>
    private static void SkipNormalization(NodeInference node)
    {
        node.Set(0, node.TypeOf(0), node.ShapeOf(0));
        node.Set(3, node.TypeOf(0), node.ShapeOf(0));
    }

    public static void EmbedLayerNormalization(NodeInference node, ElementType type)
    {
        if (node.ShapeOf(0) is not { Rank: 2 } ids || node.ShapeOf(2) is not { Rank: 2 } embedding)
            return;
        var result = new Shape(ids[0], ids[1], embedding[1]);
        node.Set(0, type, result);
        node.Set(1, ElementType.Int32, new Shape(ids[0]));
        node.Set(2, type, result);
    }

    /// <summary>Input [batch, length, hidden], packed weights [hidden, 3·hidden], past [2, batch, heads, length, size].</summary>
    public static void Attention(NodeInference node, ElementType type, int past)
    {
        if (node.ShapeOf(0) is not { Rank: 3 } input)
            return;
        Dimension hidden = node.ShapeOf(1) is { Rank: 2 } weights ? Dimension.FloorDiv(weights[1], Dimension.Of(3)) : Dimension.Unknown();
        if (node.Node.IntsAttribute("qkv_hidden_sizes") is { Length: 3 } sizes)
            hidden = Dimension.OfInteger(sizes[2]);
        node.Set(0, type, new Shape(input[0], input[1], hidden));

        var heads = Dimension.OfInteger(node.Node.IntAttribute("num_heads", 1));
        Dimension length = !node.Has(past) ? input[1] : node.ShapeOf(past) is { Rank: 5 } before ? before[3] + input[1] : Dimension.Unknown();
        node.Set(1, type, new Shape(Dimension.Of(2), input[0], heads, length, Dimension.FloorDiv(hidden, heads)));
    }

    /// <summary>Query [batch, length, hidden], or packed [batch, length, heads, 3, size]; key and value flat or [batch, heads, length, size].</summary>
    private static void MultiHeadAttention(NodeInference node)
    {
        if (node.ShapeOf(0) is not { Rank: 3 or 5 } query)
            return;
        var heads = Dimension.OfInteger(node.Node.IntAttribute("num_heads", 1));
        Dimension hidden = query.Rank == 5 ? query[2] * query[4] : node.ShapeOf(2) switch
        {
            { Rank: 3 } v => v[2],
            { Rank: 4 } v => v[1] * v[3],
            _ => node.Has(2) || node.ShapeOf(1) is { Rank: 5 } ? Dimension.Unknown() : query[2],
        };
        node.Set(0, node.TypeOf(0), new Shape(query[0], query[1], hidden));

        Dimension length = node.ShapeOf(1) switch
        {
            { Rank: 3 } k => k[1],
            { Rank: 4 } k => k[2],
            _ => query[1],
        };
        if (node.Has(6))
            length = node.ShapeOf(6) is { Rank: 4 } past ? past[2] + length : Dimension.Unknown();
        node.Set(1, node.TypeOf(0), new Shape(query[0], heads, length, query.Rank == 5 ? query[4] : Dimension.FloorDiv(query[2], heads)));
        node.Set(2, node.TypeOf(0), new Shape(query[0], heads, length, Dimension.FloorDiv(hidden, heads)));
    }

    /// <summary>The present's length is that of a buffer, which may be longer than what it holds: not known.</summary>
    private static void GroupQueryAttention(NodeInference node)
    {
        if (node.ShapeOf(0) is not { Rank: 3 } query)
            return;
        long heads = node.Node.IntAttribute("num_heads", 1);
        long keyHeads = node.Node.IntAttribute("kv_num_heads", 1);
        bool isPacked = !node.Has(1);
        Dimension size = Dimension.FloorDiv(query[2], Dimension.OfInteger(isPacked ? unchecked(heads + (2 * keyHeads)) : heads));
        node.Set(0, node.TypeOf(0), new Shape(query[0], query[1], size * Dimension.OfInteger(heads)));
        for (int i = 1; i <= 2; i++)
            node.Set(i, node.TypeOf(0), new Shape(query[0], Dimension.OfInteger(keyHeads), Dimension.Unknown(), size));
    }

    private static void FusedMatMul(NodeInference node)
    {
        Shape? a = Transposed(node, 0, "A");
        Shape? b = Transposed(node, 1, "B");
        node.Set(0, node.TypeOf(0), MatrixTypes.Product(a, b));
    }

    /// <summary><c>transBatch</c> moves the first dimension before the last; <c>trans</c> exchanges the last two.</summary>
    private static Shape? Transposed(NodeInference node, int input, string name)
    {
        Shape? shape = node.ShapeOf(input);
        if (node.Node.IntAttribute("transBatch" + name) != 0 && shape is { Rank: > 2 })
            shape = new Shape(shape.Skip(1).Take(shape.Rank - 2).Append(shape[0]).Append(shape[^1]));
        return node.Node.IntAttribute("trans" + name) != 0 ? MatrixTypes.Transposed(shape) : shape;
    }

    private static void CropAndResize(NodeInference node)
    {
        Dimension regions = node.ShapeOf(1) is { Rank: 2 } rois ? rois[0] : Dimension.Unknown();
        if (node.ShapeOf(0) is { Rank: 4 } image)
            node.Set(0, node.TypeOf(0), new Shape([regions, image[1], .. node.Tracked(3)?.Elements is [var height, var width] ? [height, width] : NodeInference.UnknownShape(2)!.ToArray()]));
    }

    private static void ExpandDims(NodeInference node)
    {
        Shape? result = null;
        if (node.ShapeOf(0) is { } shape && node.Numbers(1) is [var number] && NodeInference.Axis(number, shape.Rank + 1) is { } axis)
            result = new Shape(shape.Take(axis).Append(Dimension.Of(1)).Concat(shape.Skip(axis)));
        node.Set(0, node.TypeOf(0), result);
    }

    /// <summary>The elements that differ, where each element of the input is among them, and how often each occurs.</summary>
    private static void Unique(NodeInference node)
    {
        var count = new Shape(Dimension.Unknown());
        node.Set(0, node.TypeOf(0), count);
        node.Set(1, ElementType.Int64, node.ShapeOf(0));
        node.Set(2, ElementType.Int64, count);
    }

    private static void MatMulNBits(NodeInference node)
    {
        var columns = Dimension.OfInteger(node.Node.IntAttribute("N"));
        node.Set(0, node.TypeOf(0), node.ShapeOf(0) is { Rank: > 0 } a ? new Shape(a.Take(a.Rank - 1).Append(columns)) : null);
    }

    private static void Dropout(NodeInference node)
    {
        node.Set(0, node.TypeOf(0), node.ShapeOf(0));
        node.Set(1, ElementType.Bool, node.ShapeOf(0));
    }

    /// <summary>The mask has one bit for each element, in words of 32 bits.</summary>
    private static void BitmaskDropout(NodeInference node)
    {
        node.Set(0, node.TypeOf(0), node.ShapeOf(0));
        Dimension words = node.ShapeOf(0) is { } shape ? Dimension.CeilDiv(Products.Of(shape), Dimension.Of(32)) : Dimension.Unknown();
        node.Set(1, ElementType.UInt32, new Shape(words));
    }
}
