using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Exporting;

/// <summary>
/// Whether the weights of a compiled model go to a file of their own: ONNX Runtime maps such a file, and copies what
/// stands in the model (<c>docs/benchmarks.md</c>, Starting). A small model stays one file, which is easier to handle.
/// </summary>
internal static class ExternalWeights
{
    /// <summary>Bytes of weights from which on mapping them is felt: copying so many takes about 10 ms.</summary>
    public const long Worthwhile = 16 << 20;

    /// <summary>Bytes of weights from which on several models share them: what they take twice is felt where it is copied or sent.</summary>
    public const long WorthSharing = 1 << 20;

    /// <summary>Smaller weights stay in the model: for each one that does not, the runtime opens the file.</summary>
    public const long Threshold = 16 << 10;

    /// <summary>How a model is written.</summary>
    /// <param name="graph">The model's graph.</param>
    /// <param name="asked">What the user asks for; null where the size decides.</param>
    public static WriteOptions Of(Graph graph, bool? asked) => Of(graph, asked, Worthwhile);

    /// <summary>How a model is written that shares weights with others.</summary>
    /// <param name="graph">The model's graph.</param>
    /// <param name="asked">What the user asks for; null where the size decides.</param>
    public static WriteOptions OfSeveral(Graph graph, bool? asked) => Of(graph, asked, WorthSharing);

    private static WriteOptions Of(Graph graph, bool? asked, long worthwhile) => new()
    {
        ExternalData = asked ?? CountBytes(graph) >= worthwhile,
        ExternalDataThreshold = Threshold,
    };

    /// <summary>The bytes of all weights, those of subgraphs included.</summary>
    public static long CountBytes(Graph graph) =>
        graph.AllNodes().SelectMany(node => node.Subgraphs).Prepend(graph).SelectMany(g => g.Initializers).Sum(value => value.Initializer!.ByteLength);
}
