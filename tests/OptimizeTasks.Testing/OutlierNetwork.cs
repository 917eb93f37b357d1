using OptimizeTasks.Onnx;

namespace OptimizeTasks.Testing;

/// <summary>
/// Layers of a transformer's width between normalisations whose channels are, one in 40, up to 50 times as large as the others,
/// as large language models have them. All activations have heavy tails.
/// </summary>
public static class OutlierNetwork
{
    private const int Layers = 3, Width = 160, Inner = 320, Rows = 12;

    /// <summary>The network: a normalisation, two products of which one gates the other, and a third one back to the sum.</summary>
    public static Model Build()
    {
        var graph = new Graph("outliers");
        var random = new Random(11);
        var type = new TensorType(ElementType.Float, new Shape([Dimension.OfSymbol("n"), Dimension.Of(Rows), Dimension.Of(Width)]));
        Value x = graph.AddInput("x", type);
        for (int i = 0; i < Layers; i++)
        {
            Value[] parameters = [Vector($"scale{i}", j => j % 40 == 7 ? 20 + (30 * random.NextSingle()) : 0.5f + random.NextSingle()), Vector($"shift{i}", _ => random.NextSingle() - 0.5f)];
            Value norm = graph.Apply("LayerNormalization", [x, .. parameters], $"norm{i}");
            Value gate = graph.Apply("Sigmoid", [graph.Apply("MatMul", [norm, Weight($"gate{i}", Width, Inner)], $"g{i}")], $"s{i}");
            Value gated = graph.Apply("Mul", [gate, graph.Apply("MatMul", [norm, Weight($"up{i}", Width, Inner)], $"u{i}")], $"m{i}");
            x = graph.Apply("Add", [x, graph.Apply("MatMul", [gated, Weight($"down{i}", Inner, Width)], $"d{i}")], $"sum{i}");
        }

        x.Type = type;
        graph.AddOutput(x);
        return new Model(graph) { IrVersion = 8, Opsets = { [""] = 17 } };

        Value Vector(string name, Func<int, float> number) => graph.AddInitializer(name, Tensor.Create<float>(ElementType.Float, [Width], [.. Enumerable.Range(0, Width).Select(number)]));

        // What large channels say weighs less than their size.
        Value Weight(string name, int rows, int columns) => graph.AddInitializer(
            name, Tensor.Create<float>(ElementType.Float, [rows, columns], [.. Enumerable.Range(0, rows * columns).Select(i => (float)(Normal(random) / Math.Sqrt(rows) / (rows == Width && i / columns % 40 == 7 ? 4 : 1)))]));
    }

    /// <summary>Inputs: Student's t with 3 degrees of freedom.</summary>
    public static IEnumerable<Dictionary<string, Tensor>> Inputs(int seed, int count)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
        {
            float[] numbers = [.. Enumerable.Range(0, Rows * Width).Select(_ =>
                (float)(Normal(random) / Math.Sqrt((Math.Pow(Normal(random), 2) + Math.Pow(Normal(random), 2) + Math.Pow(Normal(random), 2)) / 3)))];
            yield return new Dictionary<string, Tensor> { ["x"] = Tensor.Create<float>(ElementType.Float, [1, Rows, Width], numbers) };
        }
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
