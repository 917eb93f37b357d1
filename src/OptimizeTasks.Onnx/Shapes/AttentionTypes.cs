namespace OptimizeTasks.Onnx.Shapes;

/// <summary>The standard's attention operators.</summary>
internal static class AttentionTypes
{
    public static void Register(OperatorTable table)
    {
        table.Add(ElementwiseTypes.SameAsFirst, "RotaryEmbedding");
        table.Add(Attention, "Attention");
    }

    /// <summary>Q, K and V are [batch, heads, length, size], or [batch, length, heads·size]; Y is as Q with the values' size.</summary>
    private static void Attention(NodeInference node)
    {
        ElementType type = node.TypeOf(0);
        Shape? q = Heads(node, 0, "q_num_heads");
        Shape? k = Heads(node, 1, "kv_num_heads");
        Shape? v = Heads(node, 2, "kv_num_heads");
        bool isFlat = node.ShapeOf(0) is { Rank: 3 };
        Shape? y = null;
        if (q is not null && v is not null)
            y = isFlat ? new Shape(q[0], q[2], q[1] * v[3]) : new Shape(q[0], q[1], q[2], v[3]);
        node.Set(0, type, y);

        Shape? presentKey = Present(k, node.ShapeOf(4), node.Has(4));
        node.Set(1, node.TypeOf(1), presentKey);
        node.Set(2, node.TypeOf(2), Present(v, node.ShapeOf(5), node.Has(5)));
        node.Set(3, type, q is not null && presentKey is not null ? new Shape(q[0], q[1], q[2], presentKey[2]) : null);
    }

    private static Shape? Heads(NodeInference node, int input, string attribute)
    {
        if (node.ShapeOf(input) is not { } shape || shape.Rank != 3)
            return node.ShapeOf(input) is { Rank: 4 } heads ? heads : null;
        var count = Dimension.OfInteger(node.Node.IntAttribute(attribute, 1));
        return new Shape(shape[0], count, shape[1], Dimension.FloorDiv(shape[2], count));
    }

    private static Shape? Present(Shape? current, Shape? past, bool hasPast)
    {
        if (current is null || !hasPast)
            return current;
        Dimension length = past is { Rank: 4 } ? past[2] + current[2] : Dimension.Unknown();
        return new Shape(current[0], current[1], length, current[3]);
    }
}
