using OptimizeTasks.Compiler.Calibration;
using OptimizeTasks.Compiler.Quantization;
using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Quantization;

/// <summary>What rounding weights adds on average, and biases that take it away.</summary>
public static class BiasCorrectionTests
{
    private static readonly Dictionary<string, Func<Graph, Value>> s_products = new()
    {
        ["MatMul"] = g => g.Apply("MatMul", [g.Input("n", "5", "64"), g.Normal("w", 64, 48)], "y"),
        ["MatMul, Add"] = g => g.Apply("Add", [g.Apply("MatMul", [g.Input("n", "5", "64"), g.Normal("w", 64, 48)], "p"), g.Normal("b", 48)], "y"),
        ["Gemm"] = g => g.Apply("Gemm", [g.Input("n", "64"), g.Normal("w", 64, 48)], "y"),
        ["Gemm of the transposed"] = g => g.Apply("Gemm", [g.Input("n", "64"), g.Normal("w", 48, 64), g.Normal("b", 48)], "y", [Int("transB", 1)]),
        ["Two products"] = g =>
        {
            Value x = g.Input("n", "5", "64");
            return g.Apply("Add", [g.Apply("MatMul", [x, g.Normal("w", 64, 48)], "p"), g.Apply("MatMul", [x, g.Normal("ww", 64, 48)], "q")], "y");
        },
        // A weight of two products that take something else each is stored once, and the bias is each one's own.
        ["One weight for two"] = g =>
        {
            Value x = g.Input("n", "5", "48"), weight = g.Normal("w", 48, 48);
            return g.Apply("MatMul", [g.Apply("Relu", [g.Apply("MatMul", [x, weight], "p")], "r"), weight], "y");
        },
    };

    public static TheoryData<string, QuantizationMode> Products
    {
        get
        {
            var data = new TheoryData<string, QuantizationMode>();
            foreach (string name in s_products.Keys)
            {
                data.Add(name, QuantizationMode.Dynamic);
                data.Add(name, QuantizationMode.Static);
            }

            return data;
        }
    }

    /// <summary>The error of one scale for whole weights, without corrections, with each of them, and with both.</summary>
    [Theory]
    [InlineData(false, 2, 2, 10)]
    [InlineData(true, 1.3, 2, 5)]
    public static void Depthwise_networks_with_uneven_channels_become_more_exact(bool isPerChannel, double byBias, double byEqualization, double byBoth)
    {
        Model model = UnevenNetwork.Build();
        double none = Error(Corrections.None);

        Assert.InRange(Error(Corrections.Bias), 0, none / byBias);
        Assert.InRange(Error(Corrections.Equalization), 0, none / byEqualization);
        Assert.InRange(Error(Corrections.Equalization | Corrections.Bias), 0, none / byBoth);

        double Error(Corrections corrections)
        {
            var options = new CompilerOptions { Quantization = QuantizationMode.Static, Samples = new MemorySamples([.. UnevenNetwork.Inputs(1, 16)]), Corrections = corrections };
            CompilationResult result = Compile(model, options);
            if (!isPerChannel)
                result = Compile(model, options with { Quantization = QuantizationMode.None, Plan = new CompressionPlan { Nodes = [.. result.Plan!.Nodes.Select(node => node with { PerChannel = false })] } });
            return Agreement.Error(model, Written(result), UnevenNetwork.Inputs(2, 8));
        }
    }

    /// <summary>Inputs with a mean far from 0, whose rounding errors add up.</summary>
    [Theory]
    [MemberData(nameof(Products))]
    public static void Products_lose_what_rounding_adds(string name, QuantizationMode mode)
    {
        Model model = Rule.Model(17, s_products[name]);
        var options = new CompilerOptions { Quantization = mode, Samples = Bright(model.Graph, 4) };
        CompilationResult plain = Compile(model, options), corrected = Compile(model, options with { Corrections = Corrections.Bias });

        double before = Bias(model, Written(plain)), after = Bias(model, Written(corrected));
        Assert.True(after < before / 3, $"{before} → {after}");
        Assert.Equal(plain.Model.Graph.Nodes.Select(n => n.OpType), corrected.Model.Graph.Nodes.Select(n => n.OpType));
        Assert.Equal(4, corrected.Calibration!.Samples);
    }

    [Theory]
    [MemberData(nameof(Products))]
    public static void Standard_operators_are_corrected_where_there_is_a_bias(string name, QuantizationMode mode)
    {
        if (mode == QuantizationMode.Dynamic)
            return;
        Model model = Rule.Model(17, s_products[name]);
        var options = new CompilerOptions { Quantization = mode, Engine = Engine.Portable, Samples = Bright(model.Graph, 4) };
        CompilationResult plain = Compile(model, options), corrected = Compile(model, options with { Corrections = Corrections.Bias });

        double before = Bias(model, Written(plain)), after = Bias(model, Written(corrected));
        bool hasBias = name is "MatMul, Add" or "Gemm" or "Gemm of the transposed";
        Assert.True(hasBias ? after < before / 3 : after == before, $"{before} → {after}");
        Assert.Equal(plain.Model.Graph.Nodes.Select(n => n.OpType).Where(o => o != "DequantizeLinear"), corrected.Model.Graph.Nodes.Select(n => n.OpType).Where(o => o != "DequantizeLinear"));
    }

    [Fact]
    public static void A_result_that_the_caller_gets_is_corrected_before_the_sum_behind_it()
    {
        Model model = Rule.Model(17, g =>
        {
            Value product = g.Apply("MatMul", [g.Input("n", "5", "64"), g.Normal("w", 64, 48)], "p");
            g.AddOutput(product);
            return g.Apply("Add", [product, g.Normal("b", 48)], "y");
        });
        var options = new CompilerOptions { Quantization = QuantizationMode.Dynamic, Samples = Bright(model.Graph, 4) };

        Assert.True(Bias(model, Written(Compile(model, options with { Corrections = Corrections.Bias }))) < Bias(model, Written(Compile(model, options))) / 3);
    }

    [Fact]
    public static void Channels_of_zeros_keep_their_bias()
    {
        var weights = new float[64 * 48];
        for (int i = 0; i < weights.Length; i++)
            weights[i] = i % 48 == 7 ? 0 : (i % 31) / 31f;
        Model model = Rule.Model(17, g => g.Apply("Gemm", [g.Input("n", "64"), g.AddInitializer("w", Tensor.Create<float>(ElementType.Float, [64, 48], weights)), g.Normal("b", 48)], "y"));
        foreach (QuantizationMode mode in new[] { QuantizationMode.Dynamic, QuantizationMode.Static })
        {
            Model compiled = Written(Compile(model, new CompilerOptions { Quantization = mode, Samples = Bright(model.Graph, 2), Corrections = Corrections.Bias }));
            Dictionary<string, Tensor> inputs = Agreement.Draw(model.Graph, 1);
            Assert.Equal(Agreement.Run(model, inputs)["y"].Read<float>()[7], Agreement.Run(compiled, inputs)["y"].Read<float>()[7], 1e-5f);
        }
    }

    [Fact]
    public static void A_plan_given_back_gives_the_same_model()
    {
        Model model = Rule.Model(17, s_products["MatMul, Add"]);
        var options = new CompilerOptions { Quantization = QuantizationMode.Dynamic, Samples = Bright(model.Graph, 4), Corrections = Corrections.Bias };
        CompilationResult first = Compile(model, options);
        CompilationResult second = Compile(model, options with { Quantization = QuantizationMode.None, Plan = CompressionPlan.Parse(first.Plan!.ToJson()) });

        Assert.True(ModelWriter.ToBytes(first.Model).AsSpan().SequenceEqual(ModelWriter.ToBytes(second.Model)));
    }

    [Fact]
    public static void Without_samples_some_are_drawn_and_a_warning_says_so()
    {
        var reported = new List<DiagnosticDescriptor>();
        var options = new CompilerOptions { Quantization = QuantizationMode.Dynamic, Corrections = Corrections.Bias };
        CompilationResult result = new ModelCompiler(options, new InProcessRunner(), diagnostic => reported.Add(diagnostic.Descriptor)).Compile(Rule.Model(17, s_products["MatMul"]));

        Assert.Equal([Diagnostics.SyntheticCalibration], reported);
        Assert.True(result.Calibration!.IsSynthetic);
    }

    [Theory]
    [InlineData(QuantizationMode.Dynamic, Corrections.All)]
    [InlineData(QuantizationMode.Int4, Corrections.Bias)]
    [InlineData(QuantizationMode.None, Corrections.Bias)]
    public static void Where_nothing_is_to_be_corrected_the_model_is_not_run(QuantizationMode mode, Corrections corrections)
    {
        CompilationResult result = new ModelCompiler(new CompilerOptions { Quantization = mode, Corrections = corrections }).Compile(Rule.Model(17, s_products["MatMul"]));

        Assert.Null(result.Calibration);
    }

    [Fact]
    public static void What_cannot_be_calibrated_is_an_error()
    {
        Model model = Rule.Model(17, s_products["MatMul"]);
        var options = new CompilerOptions { Quantization = QuantizationMode.Dynamic, Corrections = Corrections.Bias };
        Dictionary<string, Tensor> inputs = Agreement.Draw(model.Graph, 1);
        float[] numbers = inputs["x"].Read<float>().ToArray();
        numbers[100] = float.NaN;
        inputs["x"] = Tensor.Create<float>(ElementType.Float, [1, 5, 64], numbers);

        Assert.Equal("OPT3021", Assert.Throws<CompilationException>(() => Compile(model, options with { Samples = new MemorySamples(inputs) })).Diagnostic.Code);
        Assert.Equal("OPT3020", Assert.Throws<CompilationException>(() => Compile(model, options with { Samples = new MemorySamples() })).Diagnostic.Code);
        Assert.Equal("OPT3020", Assert.Throws<CompilationException>(() => new ModelCompiler(options).Compile(Rule.Model(17, s_products["MatMul"]))).Diagnostic.Code);
    }

    /// <summary>Samples without rows say nothing of means.</summary>
    [Fact]
    public static void Empty_samples_correct_nothing()
    {
        Model model = Rule.Model(17, s_products["MatMul"]);
        var empty = new Dictionary<string, Tensor> { ["x"] = Tensor.Create<float>(ElementType.Float, [0, 5, 64], []) };
        var options = new CompilerOptions { Quantization = QuantizationMode.Dynamic, Samples = new MemorySamples(empty) };

        Assert.True(ModelWriter.ToBytes(Compile(model, options).Model).AsSpan().SequenceEqual(ModelWriter.ToBytes(Compile(model, options with { Corrections = Corrections.Bias }).Model)));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 3)]
    [InlineData(false, 1)]
    public static void The_shift_is_the_mean_error_of_the_definition(bool byRow, int groups)
    {
        const int Rows = 12, Columns = 20;
        var random = new Random(4);
        float[] weights = [.. Enumerable.Range(0, Rows * Columns).Select(_ => random.NextSingle() - 0.5f)];
        double[] inputs = [.. Enumerable.Range(0, byRow ? groups * Columns : Rows).Select(_ => random.NextDouble())];
        ChannelScale[] scales = [.. Enumerable.Range(0, byRow ? Rows : Columns).Select(i => ChannelScale.Of(0.5f + (i / 10f)))];
        var matrix = new WeightMatrix(Tensor.Create<float>(ElementType.Float, [Rows, Columns], weights), Diagnostics.WeightNotFinite.Create("", null));

        double[] shift = RoundingShift.Of(matrix, byRow, scales, inputs);

        for (int channel = 0; channel < shift.Length; channel++)
        {
            double expected = 0;
            for (int i = 0; i < (byRow ? Columns : Rows); i++)
            {
                float weight = weights[byRow ? (channel * Columns) + i : (i * Columns) + channel];
                double rounded = Math.Round(weight * scales[channel].Inverse) * scales[channel].Scale;
                expected += (rounded - weight) * inputs[byRow ? (channel / (Rows / groups) * Columns) + i : i];
            }

            Assert.Equal(expected, shift[channel], 1e-12);
        }
    }

    /// <summary>Pictures of one colour: what stands in the padding is all that differs between the elements of a window.</summary>
    [Theory]
    [InlineData(1, 1, 1, 1, 1, 1)]
    [InlineData(2, 1, 0, 1, 1, 0)]
    [InlineData(1, 2, 2, 0, 1, 3)]
    public static void What_a_convolution_takes_on_average_counts_its_padding(int stride, int dilation, params int[] pads)
    {
        Model model = Rule.Model(17, g => g.Apply(
            "Conv", [g.Input("n", "2", "h", "h"), g.Normal("w", 4, 2, 3, 3)], "y", [IntList("strides", stride, stride), IntList("dilations", dilation, dilation), IntList("pads", [.. pads.Select(p => (long)p)])]));
        ShapeInference.Run(model);
        var expected = new ExpectedInput(model.Graph.Nodes.Single());
        var sums = new double[2 * 9];
        long windows = 0;
        foreach (int size in new[] { 6, 9 })
        {
            float[] numbers = [.. Enumerable.Range(0, 2 * 2 * size * size).Select(i => i / size / size % 2 == 0 ? 1f : 3f)];
            Assert.True(expected.Observer.TryAdd(Tensor.Create<float>(ElementType.Float, [2, 2, size, size], numbers)));
            for (int top = -pads[0]; top + (2 * dilation) < size + pads[2]; top += stride)
            {
                for (int left = -pads[1]; left + (2 * dilation) < size + pads[3]; left += stride, windows++)
                {
                    for (int i = 0; i < sums.Length; i++)
                    {
                        int row = top + (i % 9 / 3 * dilation), column = left + (i % 3 * dilation);
                        sums[i] += row >= 0 && row < size && column >= 0 && column < size ? (i < 9 ? 1 : 3) : 0;
                    }
                }
            }
        }

        Assert.Equal(Array.ConvertAll(sums, sum => sum / windows), expected.Means!, (a, b) => Math.Abs(a - b) < 1e-12);
    }

    /// <summary>The mean error of each channel, over all of them, relative to the size of the output.</summary>
    private static double Bias(Model model, Model compiled)
    {
        MemorySamples samples = Bright(model.Graph, 40, seed: 9);
        (double[] Errors, double Norm)[] outputs = [.. samples.Read(default).Select(sample =>
        {
            float[] expected = Agreement.Run(model, sample.Inputs).First().Value.Read<float>().ToArray(), actual = Agreement.Run(compiled, sample.Inputs).First().Value.Read<float>().ToArray();
            return (expected.Zip(actual, (a, b) => (double)b - a).ToArray(), expected.Sum(e => (double)e * e));
        })];
        var means = new double[48];
        foreach ((double[] errors, _) in outputs)
        {
            for (int i = 0; i < errors.Length; i++)
                means[i % means.Length] += errors[i];
        }

        return Math.Sqrt(means.Sum(m => m * m) / outputs.Sum(o => o.Norm));
    }

    /// <summary>Rows around a mean that each column has for itself.</summary>
    private static MemorySamples Bright(Graph graph, int count, int seed = 3)
    {
        var random = new Random(seed);
        return new([.. Enumerable.Range(0, count).Select(_ => Agreement.Draw(graph, 3).ToDictionary(input => input.Key, input => Bright(input.Value, random)))]);
    }

    private static Tensor Bright(Tensor tensor, Random random)
    {
        int columns = (int)tensor.Dimensions[^1];
        float[] numbers = [.. Enumerable.Range(0, (int)tensor.ElementCount).Select(i => (i % columns / (float)columns) + (random.NextSingle() / 4))];
        return Tensor.Create<float>(ElementType.Float, tensor.Dimensions.AsSpan(), numbers);
    }

    private static CompilationResult Compile(Model model, CompilerOptions options) => new ModelCompiler(options, new InProcessRunner()).Compile(ModelReader.Read(ModelWriter.ToBytes(model)));

    private static Model Written(CompilationResult result) => ModelReader.Read(ModelWriter.ToBytes(result.Model));
}
