using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>A stack of equal layers as an exporter spells them: as many nodes, or as many bytes of weights, as one likes.</summary>
/// <param name="Layers">How many layers there are.</param>
/// <param name="Hidden">The size between layers.</param>
/// <param name="Inner">The size inside a layer.</param>
internal sealed record Perceptron(int Layers, long Hidden, long Inner)
{
    private const long Opset = 14;
    private const float Epsilon = 1e-5f;

    /// <summary>3.2 GB of weights, in few nodes.</summary>
    public static Perceptron Large { get; } = new(12, 4096, 8192);

    /// <summary>The stack with at least this many nodes, and hardly any weights.</summary>
    public static Perceptron OfNodes(int nodes)
    {
        var one = new Perceptron(1, 8, 16);
        int each = (one with { Layers = 2 }).Build().Graph.NodeCount - one.Build().Graph.NodeCount;
        return one with { Layers = (nodes + each - 1) / each };
    }

    public Model Build()
    {
        var b = new ModuleBuilder(Opset, seed: 7);
        Dimension[] tokens = [Dimension.OfSymbol("batch_size"), Dimension.OfSymbol("sequence_length")];
        Value ids = b.Input("input_ids", ElementType.Int64, tokens);
        Value x = b.Apply("Gather", b.Weight("embedding.weight", WeightStatistics.Of(Hidden), 32, Hidden), ids);
        for (int i = 0; i < Layers; i++)
            x = b.In(ModuleBuilder.Number("layers", i), () => Layer(b, x));
        b.Output("last_hidden_state", x, [.. tokens, Dimension.Of(Hidden)]);
        return b.Build();
    }

    private Value Layer(ModuleBuilder b, Value x)
    {
        Value inner = b.Gelu(b.Linear("up", b.LayerNorm("norm", x, Hidden, Epsilon), Hidden, Inner));
        Value shaped = b.Reshape(inner, b.Size(x, 0), b.Size(x, 1), Inner);
        return b.Apply("Add", x, b.Linear("down", shaped, Inner, Hidden));
    }
}
