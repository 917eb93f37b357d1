namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Operators that have the channels as the last dimension, not the second.</summary>
internal static class ChannelsLast
{
    /// <summary>The result of a rule for channels in the second place.</summary>
    public static Shape? Of(Shape? input, Func<Shape, Shape?> rule)
    {
        if (input is not { Rank: >= 2 })
            return null;
        Shape? result = rule(new Shape([input[0], input[^1], .. input.Skip(1).Take(input.Rank - 2)]));
        return result is not { Rank: >= 2 } ? null : new Shape([result[0], .. result.Skip(2), result[1]]);
    }

    /// <summary>The result of a rule for channels in the second place, which they have unless <c>channels_last</c> is set.</summary>
    public static Shape? OfNode(NodeInference node, Func<Shape, Shape?> rule)
    {
        Shape? input = node.ShapeOf(0);
        if (node.Node.IntAttribute("channels_last") != 0)
            return Of(input, rule);
        return input is null ? null : rule(input);
    }
}
