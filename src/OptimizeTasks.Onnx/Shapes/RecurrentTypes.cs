namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Recurrent layers. X is [length, batch, inputs], or [batch, length, inputs] with <c>layout</c> 1.</summary>
internal static class RecurrentTypes
{
    public static void Register(OperatorTable table)
    {
        table.Add(node => Recurrent(node, hiddenAxis: 2), "GRU", "LSTM", "RNN");
        // Its weights are transposed.
        table.AddTo(OperatorTable.Contrib, node => Recurrent(node, hiddenAxis: 1), "DynamicQuantizeLSTM");
    }

    private static void Recurrent(NodeInference node, int hiddenAxis)
    {
        ElementType type = node.TypeOf(0);
        Dimension directions = Dimension.Of(node.Node.StringAttribute("direction", "forward") == "bidirectional" ? 2 : 1);
        Dimension hidden = node.ShapeOf(2) is { Rank: 3 } weights ? weights[hiddenAxis] : Dimension.Unknown();
        if (node.Node.Attribute("hidden_size") is IntAttribute size)
            hidden = Dimension.OfInteger(size.Value);
        bool batchFirst = node.Node.IntAttribute("layout") != 0;
        Shape? x = node.ShapeOf(0) is { Rank: 3 } shape ? shape : null;
        Dimension length = x?[batchFirst ? 1 : 0] ?? Dimension.Unknown();
        Dimension batch = x?[batchFirst ? 0 : 1] ?? Dimension.Unknown();

        Shape state = batchFirst ? new Shape(batch, directions, hidden) : new Shape(directions, batch, hidden);
        node.Set(0, type, batchFirst ? new Shape(batch, length, directions, hidden) : new Shape(length, directions, batch, hidden));
        node.Set(1, type, state);
        node.Set(2, type, state);
    }
}
