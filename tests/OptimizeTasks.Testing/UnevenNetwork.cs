using OptimizeTasks.Onnx;

namespace OptimizeTasks.Testing;

/// <summary>
/// A small network of inverted residuals, as MobileNet has them, whose normalisations give channels that differ by a factor
/// of 100: where one is large, the layer behind it is small.
/// </summary>
public static class UnevenNetwork
{
    private const int Blocks = 3, Outer = 24, Inner = 96, Colours = 3, Side = 24;

    /// <summary>The network.</summary>
    /// <param name="limit">What stands behind normalisations: Clip from 0 to this, or Relu.</param>
    public static Model Build(float? limit = null)
    {
        var graph = new Graph("uneven");
        var random = new Random(5);
        double[] even = Factors(Outer, random, 0);
        Dimension batch = Dimension.OfSymbol("n");
        Value x = graph.AddInput("x", new TensorType(ElementType.Float, new Shape([batch, Dimension.Of(Colours), Dimension.Of(Side), Dimension.Of(Side)])));
        x = Normalized(graph, "stem", x, Weight(graph, "stem", random, [Outer, Colours, 3, 3], even, null), even, 2, 1, limit);
        for (int i = 0; i < Blocks; i++)
        {
            double[] expanded = Factors(Inner, random, 1), spread = Factors(Inner, random, 1);
            Value y = Normalized(graph, $"expand{i}", x, Weight(graph, $"expand{i}", random, [Inner, Outer, 1, 1], null, null), expanded, 1, 1, limit);
            y = Normalized(graph, $"depthwise{i}", y, Weight(graph, $"depthwise{i}", random, [Inner, 1, 3, 3], expanded, null), spread, 1, Inner, limit);
            x = graph.Apply("Add", [x, Convolution(graph, $"project{i}", y, Weight(graph, $"project{i}", random, [Outer, Inner, 1, 1], null, spread), 1, 1)], $"sum{i}");
        }

        Value pooled = graph.Apply("Flatten", [graph.Apply("GlobalAveragePool", [x], "pooled")], "flat");
        Value result = graph.Apply("Gemm", [pooled, Weight(graph, "head", random, [Outer, 2 * Outer], null, null)], "y");
        result.Type = new TensorType(ElementType.Float, new Shape([batch, Dimension.Of(2 * Outer)]));
        graph.AddOutput(result);
        return new Model(graph) { IrVersion = 8, Opsets = { [""] = 17 } };
    }

    /// <summary>Inputs: pictures of a few waves each, brighter than black.</summary>
    public static IEnumerable<Dictionary<string, Tensor>> Inputs(int seed, int count)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
            yield return new Dictionary<string, Tensor> { ["x"] = Picture(random) };
    }

    private static Tensor Picture(Random random)
    {
        var numbers = new float[Colours * Side * Side];
        for (int wave = 0; wave < 4; wave++)
        {
            double a = random.NextDouble() - 0.5, b = random.NextDouble() - 0.5, phase = random.NextDouble() * 7;
            double[] colour = [random.NextDouble(), random.NextDouble(), random.NextDouble()];
            for (int i = 0; i < numbers.Length; i++)
                numbers[i] += (float)(colour[i / Side / Side] * (1 + Math.Sin((a * (i % Side)) + (b * (i / Side % Side)) + phase)) / 4);
        }

        return Tensor.Create<float>(ElementType.Float, [1, Colours, Side, Side], numbers);
    }

    /// <summary>Factors of channels from 10 to the power of minus this to its inverse.</summary>
    private static double[] Factors(int count, Random random, double exponent) => [.. Enumerable.Range(0, count).Select(_ => Math.Pow(10, exponent * ((2 * random.NextDouble()) - 1)))];

    private static Value Weight(Graph graph, string name, Random random, long[] sizes, double[]? outputs, double[]? inputs)
    {
        long outer = sizes[0], inner = sizes[1..].Aggregate(1L, (a, b) => a * b), taps = inner / sizes[1];
        var numbers = new float[outer * inner];
        for (int i = 0; i < numbers.Length; i++)
        {
            double factor = (outputs?[i / inner] ?? 1) * (inputs?[i / taps % sizes[1]] ?? 1);
            numbers[i] = (float)(Normal(random) * Math.Sqrt(2.0 / inner) / factor);
        }

        return graph.AddInitializer(name + "_w", Tensor.Create<float>(ElementType.Float, sizes, numbers));
    }

    private static Value Normalized(Graph graph, string name, Value x, Value weight, double[] scales, long stride, long groups, float? limit)
    {
        Value y = Convolution(graph, name, x, weight, stride, groups);
        var random = new Random(name.Length);
        Value[] parameters = [Vector("scale", i => (float)scales[i]), Vector("shift", i => (float)(scales[i] * (random.NextDouble() - 0.3))), Vector("mean", _ => 0), Vector("variance", _ => 1)];
        y = graph.Apply("BatchNormalization", [y, .. parameters], name + "_normalized");
        return limit is { } greatest
            ? graph.Apply("Clip", [y, graph.AddInitializer("least", Tensor.OfFloat(0)), graph.AddInitializer("greatest", Tensor.OfFloat(greatest))], name + "_cut")
            : graph.Apply("Relu", [y], name + "_cut");

        Value Vector(string what, Func<int, float> number) =>
            graph.AddInitializer($"{name}_{what}", Tensor.Create<float>(ElementType.Float, [scales.Length], [.. Enumerable.Range(0, scales.Length).Select(number)]));
    }

    private static Value Convolution(Graph graph, string name, Value x, Value weight, long stride, long groups)
    {
        long pad = weight.Constant!.Dimensions[^1] / 2;
        return graph.Apply("Conv", [x, weight], name, [new IntAttribute("group", groups), new IntsAttribute("strides", [stride, stride]), new IntsAttribute("pads", [pad, pad, pad, pad])]);
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
