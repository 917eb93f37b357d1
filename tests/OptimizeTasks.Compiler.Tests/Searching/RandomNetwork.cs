using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Tests.Searching;

/// <summary>Networks of products, norms, activations and skip connections, with the heavy tails and outliers of trained weights.</summary>
internal sealed class RandomNetwork
{
    private const int Samples = 10;

    private readonly Random _random;
    private readonly Graph _graph = new("network");
    private readonly int _inputWidth;
    private int _count;

    private RandomNetwork(int seed)
    {
        _random = new Random(seed);
        _inputWidth = Width();
    }

    /// <summary>The model of a seed.</summary>
    public static Model Draw(int seed) => new RandomNetwork(seed).Build();

    /// <summary>Inputs for the model of a seed.</summary>
    public static ISampleSource SamplesOf(int seed) => new Drawn(seed, new RandomNetwork(seed)._inputWidth);

    private Model Build()
    {
        Value x = _graph.AddInput("x", new TensorType(ElementType.Float, new Shape([Dimension.OfSymbol("batch"), Dimension.Of(_inputWidth)])));
        int width = _inputWidth;
        int layers = _random.Next(3, 8);
        for (int i = 0; i < layers; i++)
        {
            bool isSkipped = _random.Next(3) == 0;
            int next = isSkipped ? width : Width();
            Value y = Product(x, width, next);
            if (isSkipped)
                y = Apply("Add", x, y);
            if (_random.Next(2) == 0)
                y = Normalized(y, next);
            if (i < layers - 1)
                y = Apply(_random.GetItems(["Relu", "Tanh", "Sigmoid", "Identity", "Softplus"], 1)[0], y);
            (x, width) = (y, next);
        }

        Value output = Product(x, width, Width());
        _graph.AddOutput(output);
        return new Model(_graph) { IrVersion = 8, Opsets = { [""] = 17 } };
    }

    private Value Product(Value x, int from, int to)
    {
        string name = Name("w");
        switch (_random.Next(3))
        {
            case 0:
                return Named("Gemm", [x, Weight(name, from, to, false), Bias(to)]);
            case 1:
                return Named("Gemm", [x, Weight(name, from, to, true), Bias(to)], [new IntAttribute("transB", 1)]);
            default:
                Value product = Named("MatMul", [x, Weight(name, from, to, false)]);
                return _random.Next(2) == 0 ? product : Apply("Add", product, Bias(to));
        }
    }

    private Value Normalized(Value x, int width) => Named(
        "LayerNormalization",
        [x, _graph.AddInitializer(Name("scale"), Tensor.Create<float>(ElementType.Float, [width], Numbers(width, () => 1 + (0.1f * Logistic())))), Bias(width)],
        [new IntAttribute("axis", -1)]);

    private Value Bias(int width) => _graph.AddInitializer(Name("b"), Tensor.Create<float>(ElementType.Float, [width], Numbers(width, () => 0.1f * Logistic())));

    /// <summary>One in 50 channels has weights six times larger than the others.</summary>
    private Value Weight(string name, int from, int to, bool isTransposed)
    {
        float scale = 0.55f / MathF.Sqrt(from);
        float[] channels = Numbers(to, () => _random.Next(50) == 0 ? 6 : 1);
        var numbers = new float[from * to];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = scale * Logistic() * channels[isTransposed ? i / from : i % to];
        return _graph.AddInitializer(name, Tensor.Create<float>(ElementType.Float, isTransposed ? [to, from] : [from, to], numbers));
    }

    private int Width() => _random.GetItems([32, 48, 64, 96, 100], 1)[0];

    private float Logistic()
    {
        double u = (_random.NextDouble() * 0.9998) + 0.0001;
        return (float)Math.Log(u / (1 - u));
    }

    private Value Apply(string type, params Value[] inputs) => Named(type, inputs);

    private Value Named(string type, Value?[] inputs, params NodeAttribute[] attributes)
    {
        Value result = _graph.Apply(type, inputs, Name("v"), attributes);
        result.Producer!.Name = result.Name;
        return result;
    }

    private string Name(string prefix) => $"{prefix}{_count++}";

    private static float[] Numbers(int count, Func<float> next) => [.. Enumerable.Range(0, count).Select(_ => next())];

    private sealed class Drawn(int seed, int width) : ISampleSource
    {
        public string Description => $"{Samples} drawn samples";

        public bool IsSynthetic => false;

        public IEnumerable<Sample> Read(CancellationToken cancellationToken)
        {
            var random = new Random(seed);
            for (int i = 0; i < Samples; i++)
            {
                int batch = random.Next(1, 9);
                yield return new Sample(new Dictionary<string, Tensor> { ["x"] = Tensor.Create<float>(ElementType.Float, [batch, width], Numbers(batch * width, () => (random.NextSingle() * 4) - 2)) });
            }
        }
    }
}
