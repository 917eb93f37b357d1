namespace OptimizeTasks.Onnx.Shapes;

/// <summary>ONNX's multidirectional broadcasting, and sizes that must agree.</summary>
internal static class Broadcasting
{
    /// <summary>The common shape; null if one is unknown.</summary>
    public static Shape? Of(Shape? a, Shape? b)
    {
        if (a is null || b is null || a.Equals(b))
            return b is null ? null : a;
        int rank = Math.Max(a.Rank, b.Rank);
        var sizes = new Dimension[rank];
        for (int i = 0; i < rank; i++)
        {
            int inA = i - (rank - a.Rank);
            int inB = i - (rank - b.Rank);
            sizes[i] = inA < 0 ? b[inB] : inB < 0 ? a[inA] : Dimension.Broadcast(a[inA], b[inB]);
        }

        return new Shape(sizes);
    }

    /// <summary>The common shape of all inputs of a node from number <paramref name="first"/> on.</summary>
    public static Shape? OfInputs(NodeInference node, int first = 0)
    {
        Shape? shape = node.ShapeOf(first);
        for (int i = first + 1; i < node.Node.Inputs.Count; i++)
        {
            if (node.Has(i))
                shape = Of(shape, node.ShapeOf(i));
        }

        for (int i = first; shape is not null && i < node.Node.Inputs.Count; i++)
            node.Graph.Known.LearnFromBroadcast(node.ShapeOf(i), shape);
        return shape;
    }

    /// <summary>Of two sizes that must be equal in every run, the one that says more.</summary>
    public static Dimension Agree(Dimension a, Dimension b) =>
        a.IsConstant || (a.IsKnown && !b.IsConstant) || !(b.IsConstant || b.IsKnown) ? a : b;
}
