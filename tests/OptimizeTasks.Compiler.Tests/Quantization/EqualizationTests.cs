using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Quantization;

/// <summary>Channels that are balanced between layers.</summary>
public static class EqualizationTests
{
    private const int Hidden = 128;
    private const float Large = 64, Small = 1 / 64f;

    /// <summary>Layers of which some channels are large before and small behind, as folding leaves them.</summary>
    private static readonly Dictionary<string, Func<Graph, Value>> s_models = new()
    {
        ["Gemm"] = g => g.Apply("Gemm", [g.Apply("Relu", [g.Apply("Gemm", [g.Input(4, 64), g.Outlying("w", 1, Large, 64, Hidden), g.Outlying("bb", 0, Large, Hidden)], "h")], "r"), g.Outlying("ww", 0, Small, Hidden, 48)], "y"),
        ["Gemm of the transposed"] = g => g.Apply("Gemm", [g.Apply("Relu", [g.Apply("Gemm", [g.Input(4, 64), g.Outlying("w", 0, Large, Hidden, 64), g.Outlying("bb", 0, Large, Hidden)], "h", [Int("transB", 1)])], "r"), g.Outlying("ww", 1, Small, 48, Hidden)], "y", [Int("transB", 1)]),
        ["MatMul, Add"] = g => g.Apply("MatMul", [g.Apply("LeakyRelu", [g.Apply("Add", [g.Outlying("bb", 0, Large, Hidden), g.Apply("MatMul", [g.Input(2, 3, 64), g.Outlying("w", 1, Large, 64, Hidden)], "h")], "a")], "r"), g.Outlying("ww", 0, Small, Hidden, 48)], "y"),
        ["LayerNormalization"] = g =>
        {
            Value n = g.Apply("LayerNormalization", [g.Input(2, 3, Hidden), g.Outlying("w", 0, Large, Hidden), g.Outlying("bb", 0, Large, Hidden)], "n");
            return g.Apply("Add", [g.Apply("MatMul", [n, g.Outlying("ww", 0, Small, Hidden, 48)], "p"), g.Apply("MatMul", [n, g.Outlying("www", 0, Small, Hidden, 48)], "q")], "y");
        },
        ["Conv"] = g => g.Apply("Conv", [g.Apply("Relu", [g.Apply("Conv", [g.Input(1, 8, 6, 6), g.Outlying("w", 0, Large, Hidden, 8, 3, 3), g.Outlying("bb", 0, Large, Hidden)], "h")], "r"), g.Outlying("ww", 1, Small, 16, Hidden, 1, 1)], "y"),
        ["Conv, depthwise"] = g => g.Apply("Conv", [g.Apply("Relu", [g.Apply("Conv", [g.Input(1, 8, 6, 6), g.Outlying("w", 0, Large, Hidden, 8, 1, 1), g.Outlying("bb", 0, Large, Hidden)], "h")], "r"), g.Outlying("ww", 0, Small, Hidden, 1, 3, 3)], "y", [Int("group", Hidden)]),
    };

    public static TheoryData<string> Names => [.. s_models.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public static void In_floating_point_the_model_stays_what_it_was(string name)
    {
        Model model = Rule.Model(17, s_models[name]);
        var keeps = new CompilerOptions { Quantization = QuantizationMode.Int4, ExcludeNodes = ["*"] };
        CompilationResult plain = Compile(model, keeps), equalized = Compile(model, keeps with { Corrections = Corrections.Equalization });

        Assert.Equal(1, equalized.Passes.Single(p => p.Pass == "EqualizeChannels").Changes);
        Assert.Equal(0, plain.Passes.Single(p => p.Pass == "EqualizeChannels").Changes);
        Dictionary<string, Tensor> inputs = Agreement.Draw(model.Graph, 1);
        Assert.Equal(0, Agreement.Error(Agreement.Run(plain.Model, inputs), Agreement.Run(equalized.Model, inputs)));
    }

    [Theory]
    [InlineData("Gemm", QuantizationMode.Int4, 3)]
    [InlineData("Gemm", QuantizationMode.Dynamic, 2)]
    [InlineData("Gemm of the transposed", QuantizationMode.Int4, 3)]
    [InlineData("MatMul, Add", QuantizationMode.Int4, 2)]
    [InlineData("LayerNormalization", QuantizationMode.Int4, 3)]
    [InlineData("LayerNormalization", QuantizationMode.Dynamic, 2)]
    [InlineData("Conv", QuantizationMode.Static, 2)]
    [InlineData("Conv, depthwise", QuantizationMode.Static, 2)]
    public static void Weights_with_outlier_channels_become_more_exact(string name, QuantizationMode mode, double gain)
    {
        Model model = Rule.Model(17, s_models[name]);
        Dictionary<string, Tensor> inputs = Agreement.Draw(model.Graph, 1);
        double plain = Error(Corrections.None), equalized = Error(Corrections.Equalization);

        Assert.True(plain / equalized > gain, $"{plain} → {equalized}");

        double Error(Corrections corrections)
        {
            CompilationResult result = Compile(model, new CompilerOptions { Quantization = mode, Corrections = corrections }, tolerance: 1);
            Assert.True(result.Plan!.Quantizes);
            return Agreement.Error(Agreement.Run(model, inputs), Agreement.Run(ModelReader.Read(ModelWriter.ToBytes(result.Model)), inputs));
        }
    }

    /// <summary>Channels that get to the limit stay, others are scaled: on samples, and a little beyond, nothing changes.</summary>
    [Fact]
    public static void Behind_Clip_what_samples_show_to_stay_below_its_limit_is_scaled()
    {
        Model model = UnevenNetwork.Build(6);
        var keeps = new CompilerOptions { Quantization = QuantizationMode.Static, ExcludeNodes = ["*"], Samples = new MemorySamples([.. UnevenNetwork.Inputs(1, 16)]) };
        CompilationResult plain = Compiled(keeps), equalized = Compiled(keeps with { Corrections = Corrections.Equalization });

        Assert.Equal(6, equalized.Passes.Single(p => p.Pass == "EqualizeChannels").Changes);
        Assert.Equal(plain.Model.Graph.Nodes.Select(n => n.OpType), equalized.Model.Graph.Nodes.Select(n => n.OpType));
        Assert.Equal(0, Agreement.Error(plain.Model, equalized.Model, UnevenNetwork.Inputs(1, 16)));
        Assert.Equal(0, Agreement.Error(plain.Model, equalized.Model, UnevenNetwork.Inputs(2, 16)));
        Assert.NotEqual(0, Agreement.Error(plain.Model, equalized.Model, [Times(16, UnevenNetwork.Inputs(1, 1).Single())]));

        CompilerOptions quantizes = keeps with { ExcludeNodes = [] };
        CompressionPlan plan = Compiled(quantizes).Plan!;
        CompilerOptions oneScale = quantizes with { Quantization = QuantizationMode.None, Plan = new CompressionPlan { Nodes = [.. plan.Nodes.Select(node => node with { PerChannel = false })] } };
        foreach (CompilerOptions options in new[] { quantizes, oneScale })
        {
            double before = Error(options), after = Error(options with { Corrections = Corrections.Equalization });
            Assert.True(after < before / 1.5, $"{before} → {after}");
        }

        double Error(CompilerOptions options) => Agreement.Error(model, ModelReader.Read(ModelWriter.ToBytes(Compiled(options).Model)), UnevenNetwork.Inputs(2, 8));

        CompilationResult Compiled(CompilerOptions options) => new ModelCompiler(options, new InProcessRunner()).Compile(ModelReader.Read(ModelWriter.ToBytes(model)));

        static Dictionary<string, Tensor> Times(float factor, Dictionary<string, Tensor> inputs) => inputs.ToDictionary(
            i => i.Key, i => Tensor.Create<float>(ElementType.Float, i.Value.Dimensions.AsSpan(), Array.ConvertAll(i.Value.Read<float>().ToArray(), x => x * factor)));
    }

    [Fact]
    public static void Behind_Clip_nothing_is_scaled_that_nothing_is_known_of()
    {
        // Without samples; with a limit below 0; and with channels that all get to it, or of which a number is not finite.
        AssertStays(Cut(0, 6));
        var bright = new MemorySamples(new Dictionary<string, Tensor> { ["x"] = Tensor.Create<float>(ElementType.Float, [4, 64], [.. Enumerable.Range(0, 4 * 64).Select(i => i < 64 ? -1f : 1)]) });
        AssertStays(Cut(-1, 6), bright);
        AssertStays(Cut(0, 1e-6f), bright);
        AssertStays(Cut(0, 6), new MemorySamples(new Dictionary<string, Tensor> { ["x"] = Tensor.Create<float>(ElementType.Float, [4, 64], [.. Enumerable.Repeat(float.NaN, 4 * 64)]) }));

        static Func<Graph, Value> Cut(float least, float greatest) => g =>
        {
            Value h = g.Apply("Gemm", [g.Input(4, 64), g.Outlying("w", 1, 1 / 64f, 64, Hidden)], "h");
            return g.Apply("Gemm", [g.Apply("Clip", [h, g.Scalar(least), g.Scalar(greatest)], "r"), g.Outlying("ww", 0, 64, Hidden, 48)], "y");
        };
    }

    [Fact]
    public static void What_is_not_linear_in_the_scale_stands_in_the_way() =>
        AssertStays(g => g.Apply("Gemm", [g.Apply("Sigmoid", [g.Apply("Gemm", [g.Input(4, 64), g.Outlying("w", 1, Large, 64, Hidden)], "h")], "r"), g.Outlying("ww", 0, Small, Hidden, 48)], "y"));

    [Fact]
    public static void What_somebody_else_takes_stays()
    {
        AssertStays(g =>
        {
            Value r = g.Apply("Relu", [g.Apply("Gemm", [g.Input(4, 64), g.Outlying("w", 1, Large, 64, Hidden)], "h")], "r");
            return g.Apply("Concat", [r, g.Apply("Gemm", [r, g.Outlying("ww", 0, Small, Hidden, 48)], "p")], "y", [Int("axis", 1)]);
        });
        AssertStays(g =>
        {
            Value n = g.Apply("LayerNormalization", [g.Input(4, Hidden), g.Outlying("w", 0, Large, Hidden)], "n");
            return g.Apply("Concat", [n, g.Apply("MatMul", [n, g.Outlying("ww", 0, Small, Hidden, 48)], "p")], "y", [Int("axis", 1)]);
        });
    }

    [Fact]
    public static void Channels_that_are_alike_stay() =>
        AssertStays(g => g.Apply("Gemm", [g.Apply("Relu", [g.Apply("Gemm", [g.Input(4, 64), g.Weight("w", 64, Hidden)], "h")], "r"), g.Weight("ww", Hidden, 48)], "y"));

    private static void AssertStays(Func<Graph, Value> build, ISampleSource? samples = null)
    {
        CompilationResult result = Compile(Rule.Model(17, build), new CompilerOptions { Quantization = QuantizationMode.Int4, Corrections = Corrections.Equalization, Samples = samples }, tolerance: 2);

        Assert.Equal(0, result.Passes.Single(p => p.Pass == "EqualizeChannels").Changes);
    }

    /// <summary>Normal weights of which every seventh channel along the axis is so many times as large.</summary>
    private static Value Outlying(this Graph graph, string name, int axis, float factor, params int[] sizes)
    {
        int inner = sizes[(axis + 1)..].Aggregate(1, (a, b) => a * b);
        var random = new Random(name.Length);
        float[] numbers = [.. Enumerable.Range(0, sizes.Aggregate(1, (a, b) => a * b)).Select(i => (float)Normal(random) * (i / inner % sizes[axis] % 7 == 3 ? factor : 1))];
        return graph.AddInitializer(name, Tensor.Create<float>(ElementType.Float, Array.ConvertAll(sizes, size => (long)size), numbers));
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
