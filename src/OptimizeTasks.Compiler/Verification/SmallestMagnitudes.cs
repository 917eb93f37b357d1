using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>
/// The ε of the relative error: an output whose root mean square is smaller is compared with ε instead. Probabilities have
/// a greater one: float kernels compute them to the roundoff of 1 (about 1e-7), however near to 0 they are.
/// </summary>
internal static class SmallestMagnitudes
{
    /// <summary>For any output.</summary>
    public const double Default = 1e-6;

    /// <summary>For probabilities.</summary>
    public const double OfProbabilities = 1e-2;

    /// <summary>The ε of each output of a graph, by name.</summary>
    public static IReadOnlyDictionary<string, double> Of(Graph graph) =>
        graph.Outputs.DistinctBy(output => output.Name).ToDictionary(output => output.Name, output => IsProbability(output) ? OfProbabilities : Default, StringComparer.Ordinal);

    /// <summary>Whether a value is what Sigmoid or Softmax gave, moved around at most.</summary>
    private static bool IsProbability(Value value)
    {
        // A cycle is refused when the model is read, so this ends.
        for (Node? node = value.Producer; node is not null; node = node.Input(0)?.Producer)
        {
            if (node.Is("Sigmoid") || node.Is("HardSigmoid") || node.Is("Softmax"))
                return true;
            if (!MovesOnly(node))
                return false;
        }

        return false;
    }

    private static bool MovesOnly(Node node) => node.Domain.Length == 0
        && node.OpType is "Identity" or "Reshape" or "Flatten" or "Transpose" or "Squeeze" or "Unsqueeze" or "Slice" or "Split" or "Gather";
}
