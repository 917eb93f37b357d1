using System.Collections.Immutable;

namespace OptimizeTasks.Onnx.Shapes;

/// <summary>The output shape of <c>Reshape</c>: numbers, 0 for the input's size at that place, and at most one −1 for what is left.</summary>
internal static class ReshapeTarget
{
    public static Shape? Of(NodeInference node)
    {
        ImmutableArray<Dimension> target;
        if (node.Node.IntsAttribute("shape") is { } attribute)
            target = [.. attribute.Select(Dimension.OfInteger)];
        else if (node.Tracked(1) is { } tracked)
            target = tracked.Elements;
        else
            return LayoutTypes.ShapeFromValues(node, 1);
        return Of(node.ShapeOf(0), target, allowZero: node.Node.IntAttribute("allowzero") != 0);
    }

    private static Shape? Of(Shape? input, ImmutableArray<Dimension> target, bool allowZero)
    {
        int? rest = null;
        var sizes = new Dimension[target.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            Dimension size = target[i];
            if (size.TryGetValue(out long number) && number < 0)
            {
                if (number != -1 || rest is not null)
                    return null;
                rest = i;
            }

            sizes[i] = number == 0 && size.IsConstant && !allowZero ? (i < input?.Rank ? input[i] : Dimension.Unknown()) : size;
        }

        if (rest is not { } place)
            return new Shape(sizes);
        // An element that is not known may be 0 or negative: then nothing follows for the rest.
        IEnumerable<Dimension> others = sizes.Where((_, i) => i != place);
        sizes[place] = input is not null && others.All(IsSize) ? Products.Quotient(input, others) : Dimension.Unknown();
        return new Shape(sizes);
    }

    private static bool IsSize(Dimension size) => size.IsKnown || size.IsAtLeast(0);
}
