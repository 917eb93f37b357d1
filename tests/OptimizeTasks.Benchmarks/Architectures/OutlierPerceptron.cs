using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>
/// Layers that quantisation finds hard: weights with heavy tails, and hidden channels of which one in fifty is 32 times as
/// large before Relu and as small behind it, as training and folding leave them.
/// </summary>
/// <param name="Layers">How many layers there are.</param>
/// <param name="Hidden">The size between layers.</param>
/// <param name="Inner">The size inside a layer.</param>
internal sealed record OutlierPerceptron(int Layers, int Hidden, int Inner)
{
    private const float Outlier = 32;
    private const int OneIn = 50;

    public Model Build()
    {
        var graph = new Graph("outliers");
        var random = new Random(3);
        Value x = graph.AddInput("x", Float(Dimension.OfSymbol("batch"), Dimension.Of(Hidden)));
        for (int i = 0; i < Layers; i++)
        {
            Value norm = graph.Apply("LayerNormalization", [x, graph.AddInitializer($"scale{i}", Tensor.Create<float>(ElementType.Float, [Hidden], [.. Enumerable.Repeat(1f, Hidden)]))], $"norm{i}");
            Value up = graph.Apply("Gemm", [norm, Weight(graph, random, $"up{i}", Hidden, Inner, (_, column) => Factor(column))], $"h{i}");
            Value down = graph.Apply("Gemm", [graph.Apply("Relu", [up], $"r{i}"), Weight(graph, random, $"down{i}", Inner, Hidden, (row, _) => 1 / Factor(row))], $"d{i}");
            x = graph.Apply("Add", [x, down], $"s{i}");
        }

        x.Type = Float(Dimension.OfSymbol("batch"), Dimension.Of(Hidden));
        graph.AddOutput(x);
        return new Model(graph) { IrVersion = 8, Opsets = { [""] = 17 } };
    }

    private static float Factor(int channel) => channel % OneIn == 0 ? Outlier : 1;

    /// <summary>Student's t with three degrees of freedom.</summary>
    private static Value Weight(Graph graph, Random random, string name, int rows, int columns, Func<int, int, float> factor)
    {
        var numbers = new float[rows * columns];
        for (int i = 0; i < numbers.Length; i++)
        {
            double squares = Math.Pow(Normal(random), 2) + Math.Pow(Normal(random), 2) + Math.Pow(Normal(random), 2);
            numbers[i] = factor(i / columns, i % columns) * (float)(Normal(random) / Math.Sqrt(squares) / Math.Sqrt(rows));
        }

        return graph.AddInitializer(name, Tensor.Create<float>(ElementType.Float, [rows, columns], numbers));
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static TensorType Float(params Dimension[] dimensions) => new(ElementType.Float, new Shape(dimensions));
}
