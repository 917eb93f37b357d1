using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Importing;

/// <summary>What <c>Upsample</c> and old versions of <c>Resize</c> mean in newer ones.</summary>
internal static class ResizeConversions
{
    private const string Coordinates = "coordinate_transformation_mode";
    private const string Neighbour = "nearest_mode";

    /// <summary>Upsample enlarges only; that says which neighbour it takes.</summary>
    public static void FromUpsample(Node node)
    {
        node.OpType = "Resize";
        if (IsNearest(node))
            node.SetAttribute(new StringAttribute(Neighbour, "floor"));
    }

    /// <summary>
    /// Before 11 there were no half pixels, and the neighbour was the one below where an axis is enlarged, the one above
    /// where it shrinks. If both happen, or nobody knows, one node enlarges and another shrinks.
    /// </summary>
    public static void NameModes(Node node)
    {
        Graph graph = node.Graph!;
        Value scales = node.Inputs[1]!;
        node.SetInput(2, scales);

        // Up to version 12 the region is no optional input; it has no meaning in these modes.
        node.SetInput(1, graph.AddInitializer($"{node.Output.Name}_roi", Tensor.Create<float>(ElementType.Float, [0], [])));
        node.SetAttribute(new StringAttribute(Coordinates, "asymmetric"));
        if (!IsNearest(node) || node.Attribute(Neighbour) is not null)
            return;
        float[]? known = scales.Constant is { ElementType: ElementType.Float, ElementCount: <= 16 } tensor ? tensor.Read<float>().ToArray() : null;
        bool enlarges = known is null || Array.Exists(known, scale => scale > 1);
        bool shrinks = known is null || Array.Exists(known, scale => scale < 1);
        node.SetAttribute(new StringAttribute(Neighbour, shrinks ? "ceil" : "floor"));
        if (enlarges && shrinks)
            EnlargeBefore(node, scales);
    }

    /// <summary>
    /// Whether <c>tf_half_pixel_for_nn</c> is not used, or is <c>half_pixel</c> with another neighbour: its coordinates lie
    /// half a pixel further, so that rounding them to one side is rounding to the nearest.
    /// </summary>
    public static bool CanDoWithoutHalfPixelForNeighbours(Node node) =>
        !HasHalfPixelForNeighbours(node) || (IsNearest(node) && NeighbourOfHalfPixel(node) is not null);

    /// <summary>Writes <c>tf_half_pixel_for_nn</c> as <c>half_pixel</c>, and leaves out inputs that may be left out since 13.</summary>
    public static void DoWithoutHalfPixelForNeighbours(Node node)
    {
        if (HasHalfPixelForNeighbours(node))
        {
            node.SetAttribute(new StringAttribute(Neighbour, NeighbourOfHalfPixel(node)!));
            node.SetAttribute(new StringAttribute(Coordinates, "half_pixel"));
        }

        for (int i = 1; i <= 2; i++)
        {
            if (node.Input(i)?.Constant is { ElementCount: 0 })
                node.SetInput(i, null);
        }
    }

    private static bool IsNearest(Node node) => node.StringAttribute("mode", "nearest") == "nearest";

    private static bool HasHalfPixelForNeighbours(Node node) => node.StringAttribute(Coordinates) == "tf_half_pixel_for_nn";

    private static string? NeighbourOfHalfPixel(Node node) => node.StringAttribute(Neighbour, "round_prefer_floor") switch
    {
        "round_prefer_floor" => "ceil",
        "floor" => "round_prefer_ceil",
        _ => null,
    };

    /// <summary>Lets a node of the same kind enlarge first; what is left to this one shrinks.</summary>
    private static void EnlargeBefore(Node node, Value scales)
    {
        Graph graph = node.Graph!;
        string name = node.Output.Name;
        Value one = graph.AddInitializer(name + "_one", Tensor.OfFloat(1));
        Value up = graph.Apply("Max", [scales, one], name + "_up", before: node);
        Value down = graph.Apply("Min", [scales, one], name + "_down", before: node);
        NodeAttribute[] attributes = [.. node.Attributes.Where(a => a.Name != Neighbour), new StringAttribute(Neighbour, "floor")];
        node.SetInput(0, graph.Apply("Resize", [node.Inputs[0], null, up], name + "_enlarged", attributes, before: node));
        node.SetInput(2, down);
    }
}
