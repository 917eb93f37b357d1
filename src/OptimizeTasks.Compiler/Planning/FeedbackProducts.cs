using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>Products that see the same activations: what error feedback has to know of their inputs is known once for all of them.</summary>
/// <param name="Activations">What they multiply their weights with. Those of a weight that several nodes use in the same direction are all of it.</param>
/// <param name="Size">The number of inputs.</param>
/// <param name="Nodes">The products.</param>
internal sealed record FeedbackProducts(Value[] Activations, int Size, Node[] Nodes)
{
    /// <summary>Moments of more inputs would take more than 2 GB.</summary>
    private const int MostInputs = 32768;

    /// <summary>Why weights cannot be rounded with error feedback; null where they can.</summary>
    public static string? Refuse(WeightUse use)
    {
        if (use.Node.Is("Gather"))
            return "a table is looked up, not multiplied";
        if (use.Weight.Uses.Any(other => other.Node.Graph?.Outer is not null))
            return "activations of subgraphs are not seen";
        if (use.Weight.Uses.Any(other => other.Node.Is("Gather")))
            return "the weights are a table too, and are stored once";
        long inputs = use.Tensor.Dimensions[use.IsInnerSummed ? 1 : 0];
        return inputs > MostInputs ? $"{inputs} inputs are too many" : null;
    }

    /// <summary>The products of a plan that are to be rounded so.</summary>
    /// <param name="graph">The main graph.</param>
    /// <param name="formats">The formats of nodes.</param>
    public static FeedbackProducts[] Of(Graph graph, IReadOnlyDictionary<Node, PlannedNode> formats) =>
    [
        .. graph.Nodes
            .Where(node => formats.TryGetValue(node, out PlannedNode? planned) && planned.ErrorFeedback == true)
            .Select(node => WeightUse.Of(node)!)
            // The inputs of a matrix are other ones where it is transposed.
            .GroupBy(use => (use.Weight, use.IsInnerSummed))
            .Select(uses => (Activations: uses.Select(use => use.Node.Inputs[0]!).Distinct().ToArray(), Uses: uses))
            .GroupBy(weight => string.Join('\0', weight.Activations.Select(value => value.Name)), StringComparer.Ordinal)
            .Select(weights => new FeedbackProducts(
                weights.First().Activations,
                (int)weights.First().Uses.Key.Weight.Constant!.Dimensions[weights.First().Uses.Key.IsInnerSummed ? 1 : 0],
                [.. weights.SelectMany(weight => weight.Uses).Select(use => use.Node)])),
    ];
}
