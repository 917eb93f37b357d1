namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Normalisations and softmaxes: the output is like the input; some give statistics too.</summary>
internal static class NormalizationTypes
{
    public static void Register(OperatorTable table)
    {
        table.Add(
            ElementwiseTypes.SameAsFirst,
            "GroupNormalization", "Hardmax", "InstanceNormalization", "LogSoftmax", "LpNormalization", "LRN", "MeanVarianceNormalization", "Softmax");
        table.Add(BatchNormalization, "BatchNormalization");
        table.Add(LayerNormalization, "LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization");
        table.Add(Loss, "NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss");
    }

    private static void BatchNormalization(NodeInference node)
    {
        node.Set(0, node.TypeOf(0), node.ShapeOf(0));
        // Mean and variance are updated in training only; older versions save them once more.
        for (int i = 1; i < node.Node.Outputs.Count; i++)
            node.Set(i, node.TypeOf(i % 2 == 1 ? 3 : 4), node.ShapeOf(i % 2 == 1 ? 3 : 4));
    }

    /// <summary>The result has the scale's type, which may differ from the input's in RMSNormalization and before version 17.</summary>
    private static void LayerNormalization(NodeInference node)
    {
        node.Set(0, node.TypeOf(1), node.ShapeOf(0));
        Shape? statistics = null;
        if (node.ShapeOf(0) is { } shape && NodeInference.Axis(node.Node.IntAttribute("axis", -1), shape.Rank) is { } axis)
            statistics = new Shape(shape.Select((size, i) => i < axis ? size : Dimension.Of(1)));
        ElementType stash = ElementwiseTypes.TypeOr(node, "stash_type", ElementType.Float);
        for (int i = 1; i < node.Node.Outputs.Count; i++)
            node.Set(i, stash, statistics);
    }

    private static void Loss(NodeInference node)
    {
        bool isReduced = node.Node.StringAttribute("reduction", "mean") != "none";
        node.Set(0, node.TypeOf(0), isReduced ? Shape.Scalar : node.ShapeOf(1));
        node.Set(1, node.TypeOf(0), node.ShapeOf(0));
    }
}
