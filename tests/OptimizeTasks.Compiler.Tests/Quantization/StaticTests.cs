using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Quantization;

public static class StaticTests
{
    private const string Into = "QuantizeLinear Transpose ";
    private const string Out = " Transpose DequantizeLinear";

    private static readonly Dictionary<string, (Func<Graph, Value> Build, string Operators)> s_models = new()
    {
        ["Conv"] = (g => Conv(g, g.Input("n", "4", "8", "8"), 16), Into + "QLinearConv" + Out),
        ["Conv of three channels"] = (g => Conv(g, g.Input("n", "3", "8", "8"), 16), "QuantizeLinear Pad Transpose QLinearConv" + Out),
        ["Conv of a sequence"] = (g => Conv(g, g.Input("n", "4", "20"), 16, rank: 1), Into + "QLinearConv" + Out),
        ["Depthwise"] = (g => Conv(g, g.Input("n", "16", "8", "8"), 16, groups: 16), Into + "QLinearConv" + Out),
        ["Without bias"] = (g => g.Apply("Conv", [g.Input("n", "4", "8", "8"), g.Normal("w", 16, 4, 3, 3)], "y"), Into + "QLinearConv" + Out),
        ["Relu, Clip"] = (
            g => Conv(g, g.Apply("Clip", [Conv(g, g.Apply("Relu", [Conv(g, g.Input("n", "4", "8", "8"), 16)], "r"), 16), g.Scalar(-1), g.Scalar(0.5f)], "c"), 16),
            Into + "QLinearConv QLinearConv QLinearConv" + Out),
        ["Clip that does not hold 0"] = (
            g => Conv(g, g.Apply("Clip", [Conv(g, g.Input("n", "4", "8", "8"), 16), g.Scalar(0.1f), g.Scalar(0.5f)], "c"), 16),
            Into + "QLinearConv Transpose DequantizeLinear Clip QuantizeLinear Transpose QLinearConv" + Out),
        ["Relu that two nodes need"] = (g =>
        {
            Value x = Conv(g, g.Input("n", "4", "8", "8"), 16);
            return Conv(g, g.Apply("Add", [x, g.Apply("Relu", [x], "r")], "s"), 16);
        }, Into + "QLinearConv Transpose DequantizeLinear Relu QuantizeLinear Transpose QLinearAdd QLinearConv" + Out),
        ["Residual"] = (g =>
        {
            Value x = Conv(g, g.Input("n", "4", "8", "8"), 16);
            return Conv(g, g.Apply("Relu", [g.Apply("Add", [Conv(g, x, 16), x], "s")], "r"), 16);
        }, Into + "QLinearConv QLinearConv QLinearAdd QLinearConv" + Out),
        ["Pools, Gemm"] = (g =>
        {
            Value x = g.Apply("MaxPool", [Conv(g, g.Input("n", "4", "16", "16"), 16)], "m", [IntList("kernel_shape", 3, 3), IntList("strides", 2, 2), IntList("pads", 1, 1, 1, 1)]);
            x = g.Apply("AveragePool", [Conv(g, x, 64)], "a", [IntList("kernel_shape", 2, 2), Int("count_include_pad", 1), IntList("pads", 1, 1, 1, 1)]);
            return g.Apply("Gemm", [g.Apply("Flatten", [g.Apply("GlobalAveragePool", [Conv(g, x, 64)], "p")], "f"), g.Normal("fc", 40, 64), g.Normal("fcb", 40)], "y", [Int("transB", 1)]);
        }, Into + "QLinearConv NhwcMaxPool QLinearConv QLinearAveragePool QLinearConv QLinearGlobalAveragePool Transpose Flatten QGemm"),
        ["Gemms"] = (
            g => g.Apply("Gemm", [g.Apply("Relu", [g.Apply("Gemm", [g.Input("n", "64"), g.Normal("w", 64, 48), g.Normal("b", 48)], "p")], "r"), g.Normal("wq", 48, 32)], "y"),
            "QuantizeLinear QGemm QGemm"),
        ["MatMul, Relu"] = (g => g.Apply("Relu", [g.Apply("MatMul", [g.Input("n", "64"), g.Normal("w", 64, 48)], "p")], "y"), "QuantizeLinear QGemm Relu"),
        ["MatMul of three axes"] = (
            g => g.Apply("MatMul", [g.Apply("Add", [g.Apply("MatMul", [g.Input("n", "5", "64"), g.Normal("w", 64, 48)], "p"), g.Normal("b", 48)], "s"), g.Normal("wq", 48, 32)], "y"),
            "QuantizeLinear MatMulIntegerToFloat QuantizeLinear MatMulIntegerToFloat"),
        ["Concat, Sigmoid, Mul, LeakyRelu"] = (g =>
        {
            Value x = Conv(g, g.Input("n", "4", "8", "8"), 16);
            Value gate = g.Apply("Sigmoid", [Conv(g, g.Apply("GlobalAveragePool", [x], "p"), 16, kernel: 1)], "s");
            Value scaled = g.Apply("LeakyRelu", [g.Apply("Mul", [x, gate], "m")], "l", [Number("alpha", 0.3f)]);
            return Conv(g, g.Apply("Concat", [scaled, x], "c", [Int("axis", 1)]), 16);
        }, Into + "QLinearConv QLinearGlobalAveragePool QLinearConv QLinearSigmoid QLinearMul QLinearLeakyRelu QLinearConcat QLinearConv" + Out),
        ["Resize"] = (g =>
        {
            Value scales = g.Floats(1, 1, 2, 3);
            Value x = g.Apply("Resize", [Conv(g, g.Input("n", "4", "8", "8"), 16), null, scales], "r", [Text("mode", "nearest"), Text("coordinate_transformation_mode", "asymmetric"), Text("nearest_mode", "floor")]);
            return Conv(g, x, 16);
        }, Into + "QLinearConv Resize QLinearConv" + Out),
        ["Constants"] = (g =>
        {
            Value x = g.Apply("MaxPool", [Conv(g, g.Input("n", "4", "8", "8"), 16)], "m", [IntList("kernel_shape", 2, 2)]);
            x = g.Apply("Add", [g.Normal("shift", 16, 1, 1), g.Apply("Mul", [x, g.Scalar(0.7f)], "s")], "a");
            return Conv(g, g.Apply("Relu", [g.Apply("Mul", [x, g.Normal("scale", 1, 16, 1, 1)], "z")], "r"), 16);
        }, Into + "QLinearConv NhwcMaxPool QLinearMul QLinearAdd QLinearMul QLinearConv" + Out),
        ["Slice, Pad"] = (g =>
        {
            Value x = g.Apply("Slice", [Conv(g, g.Input("n", "4", "8", "8"), 16), g.Ints(1, -6), g.Ints(7, 100), g.Ints(2, -1)], "c");
            x = g.Apply("Pad", [x, g.Ints(0, 0, 1, 0, 0, 0, 0, 2)], "z");
            return Conv(g, g.Apply("Pad", [x, g.Ints(0, 0, 2, 0, 0, 0, 0, 1)], "d", [Text("mode", "edge")]), 16, groups: 2);
        }, Into + "QLinearConv Slice Pad Pad QLinearConv" + Out),
        ["Split"] = (g =>
        {
            Node split = g.AddNode("Split", [Conv(g, g.Input("n", "4", "8", "8"), 16)]);
            split.SetAttribute(Int("axis", 1));
            split.SetOutput(0, g.AddValue("left"));
            split.SetOutput(1, g.AddValue("right"));
            Value right = g.Apply("Conv", [split.Outputs[1], g.Normal("rw", 8, 8, 1, 1)], "rc");
            return g.Apply("Conv", [g.Apply("Concat", [split.Outputs[0], right], "j", [Int("axis", 1)]), g.Normal("jw", 16, 16, 3, 3)], "y");
        }, Into + "QLinearConv Split QLinearConv QLinearConcat QLinearConv" + Out),
        ["Channels shuffled"] = (g =>
        {
            Value x = g.Apply("Reshape", [Conv(g, g.Input("2", "4", "8", "8"), 16), g.Ints(2, 2, 8, 8, 8)], "a");
            x = g.Apply("Reshape", [g.Apply("Transpose", [x], "t", [IntList("perm", 0, 2, 1, 3, 4)]), g.Ints(2, 16, 8, 8)], "z");
            return Conv(g, x, 16);
        }, Into + "QLinearConv Transpose Reshape Transpose Reshape Transpose QLinearConv" + Out),
    };

    public static TheoryData<string> Models => [.. s_models.Keys];

    [Theory]
    [MemberData(nameof(Models))]
    public static void Activations_stay_quantised_between_kernels(string name)
    {
        CompilationResult result = Quantize(Model(17, s_models[name].Build));

        Assert.Equal(s_models[name].Operators, string.Join(' ', result.Model.Graph.Nodes.Select(n => n.OpType)));
        Assert.Equal(CalibrationMethod.MinMax, result.Calibration!.Method);
        Assert.Equal(2, result.Calibration.Samples);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public static void Standard_operators_say_the_same(string name)
    {
        foreach (CompilerOptions options in new[] { new CompilerOptions { Engine = Engine.Portable }, new CompilerOptions { Providers = ["TensorRt", "Cuda", "Cpu"] } })
        {
            CompilationResult result = Quantize(Model(17, s_models[name].Build), options);

            Assert.All(result.Model.Graph.Nodes, node => Assert.Equal("", node.Domain));
            Node[] quantizes = [.. result.Model.Graph.Nodes.Where(n => n.Is("QuantizeLinear"))];
            Assert.NotEmpty(quantizes);
            Assert.Contains(result.Model.Graph.Nodes, n => n.OpType is "Conv" or "Gemm" or "MatMul");
            if (options.Engine == Engine.OnnxRuntime)
                Assert.All(quantizes, node => Assert.Equal((ElementType.Int8, true), (node.Inputs[2]!.ElementType, node.Inputs[2].IsAll(0))));
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public static void Weights_can_have_one_scale_for_all_channels(string name)
    {
        Model model = Model(17, s_models[name].Build);
        CompressionPlan plan = CompressionPlan.Parse(OneScale(Quantize(model).Plan!).ToJson());
        CompilationResult kernels = Quantize(model, new CompilerOptions { Plan = plan }, QuantizationMode.None);
        Assert.Equal(s_models[name].Operators, string.Join(' ', kernels.Model.Graph.Nodes.Select(n => n.OpType)));
        Assert.Equal(plan.ToJson(), kernels.Plan!.ToJson());
        Assert.All(kernels.Plan.Nodes, node => Assert.Equal(HasWeights(node) ? false : null, node.PerChannel));
        AssertOneScale(kernels, "_int8_scales");

        CompilationResult standard = Quantize(model, new CompilerOptions { Plan = plan, Engine = Engine.Portable }, QuantizationMode.None);
        AssertOneScale(standard, "_int8_scales", "_bias_int32_scales");

        static void AssertOneScale(CompilationResult result, params string[] suffixes)
        {
            Value[] scales = [.. result.Model.Graph.Initializers.Where(i => suffixes.Any(suffix => i.Name.Contains(suffix, StringComparison.Ordinal)))];
            Assert.NotEmpty(scales);
            Assert.All(scales, scale => Assert.Equal(0, scale.Constant!.Rank));
        }
    }

    /// <summary>A channel of zeros has no say in the scale of the others.</summary>
    [Fact]
    public static void One_scale_is_that_of_the_greatest_weight()
    {
        var weights = new float[16 * 4];
        weights.AsSpan(4).Fill(0.25f);
        weights[17] = -0.5f;
        Model model = Model(17, g => g.Apply("Conv", [g.Input(1, 4, 8, 8), g.AddInitializer("w", Tensor.Create<float>(ElementType.Float, [16, 4, 1, 1], weights))], "y"));

        CompilationResult result = Quantize(model, new CompilerOptions { Plan = OneScale(Quantize(model).Plan!) }, QuantizationMode.None);

        Assert.Equal(0.5f / 127, result.Model.Graph.Nodes.Single(n => n.OpType == "QLinearConv").Inputs[4]!.Constant!.Read<float>()[0]);
    }

    [Fact]
    public static void An_old_operator_set_is_raised_as_far_as_needed()
    {
        Assert.Equal(13, Quantize(Model(11, s_models["Residual"].Build), new CompilerOptions { Engine = Engine.Portable }).Model.Opset);
        Assert.Equal(10, Quantize(Model(11, s_models["Residual"].Build)).Model.Opset);
        Assert.Equal(13, Quantize(Model(11, s_models["Conv of three channels"].Build)).Model.Opset);
    }

    [Fact]
    public static void A_plan_given_back_gives_the_same_model_and_an_edited_one_another()
    {
        Model model = Model(17, s_models["Residual"].Build);
        CompilationResult first = Quantize(model);
        CompressionPlan plan = CompressionPlan.Parse(first.Plan!.ToJson());
        CompilationResult second = Quantize(model, new CompilerOptions { Plan = plan }, QuantizationMode.None);
        Assert.True(ModelWriter.ToBytes(first.Model).AsSpan().SequenceEqual(ModelWriter.ToBytes(second.Model)));

        plan = new CompressionPlan { Nodes = [.. plan.Nodes.Where(n => n.Operator == "Conv").Take(1)] };
        CompilationResult third = Quantize(model, new CompilerOptions { Plan = plan }, QuantizationMode.None);
        Assert.Equal("QuantizeLinear Transpose QLinearConv Transpose DequantizeLinear Conv Add Relu Conv", string.Join(' ', third.Model.Graph.Nodes.Select(n => n.OpType)));
    }

    [Theory]
    [InlineData("""{ "nodes": [ { "node": "s", "format": "Int4" } ] }""", "Add has no kernel for it")]
    public static void A_plan_that_does_not_fit_is_an_error(string json, string message)
    {
        var failure = Assert.Throws<CompilationException>(() => Quantize(Model(17, s_models["Residual"].Build), new CompilerOptions { Plan = CompressionPlan.Parse(json) }, QuantizationMode.None));
        Assert.Equal("OPT3004", failure.Diagnostic.Code);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public static void A_plan_may_name_one_node_alone()
    {
        Model model = Model(17, s_models["Residual"].Build);
        foreach (PlannedNode node in Quantize(model).Plan!.Nodes.Where(n => n.Operator != "Relu"))
            Quantize(model, new CompilerOptions { Plan = new CompressionPlan { Nodes = [node] } }, QuantizationMode.None);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public static void What_limits_the_numbers_of_a_product_stays_behind_it(int rank)
    {
        Model model = Model(17, g =>
        {
            Value product = g.Apply("MatMul", [g.Input([.. Enumerable.Repeat(4L, rank - 1), 64]), g.Normal("w", 64, 48)], "p");
            return g.Apply("Softmax", [g.Apply("Relu", [product], "r")], "y");
        });
        CompressionPlan plan = new() { Nodes = [Static("p"), Static("r")] };

        CompilationResult result = Quantize(model, new CompilerOptions { Plan = plan }, QuantizationMode.None);

        Assert.Contains("Relu", result.Model.Graph.Nodes.Select(n => n.OpType));

        static PlannedNode Static(string node) => new() { Node = node, Format = WeightFormat.Static };
    }

    [Fact]
    public static void What_limits_a_result_in_floating_point_stays_with_it()
    {
        Model model = Model(17, s_models["Residual"].Build);
        CompressionPlan plan = Quantize(model).Plan!;
        plan = new CompressionPlan { Nodes = [.. plan.Nodes.Select(n => n.Operator == "Add" ? n with { Format = WeightFormat.Float } : n)] };

        CompilationResult result = Quantize(model, new CompilerOptions { Plan = plan }, QuantizationMode.None);

        PlannedNode relu = Assert.Single(result.Plan!.Nodes, n => n.Operator == "Relu");
        Assert.Equal(WeightFormat.Float, relu.Format);
        Assert.Equal("Relu is quantised with the node before it only", relu.Why);
    }

    [Fact]
    public static void Excluded_nodes_stay_in_floating_point()
    {
        CompilationResult result = Quantize(Model(17, s_models["Relu, Clip"].Build), new CompilerOptions { ExcludeNodes = ["conv_16"] });
        Assert.Equal(1, result.Model.Graph.Nodes.Count(n => n.OpType == "Conv"));
        Assert.Equal("excluded by conv_16", result.Plan!.Nodes.Single(n => n.Format == WeightFormat.Float).Why);
    }

    [Theory]
    [InlineData("Cuda", "in floating point")]
    [InlineData("WebGpu", "has no kernel for Static")]
    public static void Where_nothing_computes_in_8_bits_nothing_is_quantised(string provider, string why)
    {
        CompilationResult result = Compiled(Model(17, s_models["Conv"].Build), new CompilerOptions { Providers = [provider] }, Diagnostics.NothingQuantized);
        Assert.Contains(why, result.Plan!.Nodes[0].Why, StringComparison.Ordinal);
        Assert.Null(result.Calibration);
    }

    [Fact]
    public static void Quantised_models_stay()
    {
        CompilationResult first = Quantize(Model(17, s_models["Residual"].Build));
        Assert.Null(Compiled(first.Model, new CompilerOptions(), Diagnostics.AlreadyQuantized).Plan);
    }

    /// <summary>A channel of zeros has no scale, and one of next to nothing a scale in which its bias is no integer.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1e-38f)]
    [InlineData(1e-12f)]
    public static void Channels_of_nearly_nothing_keep_their_bias(float weight)
    {
        var weights = new float[16 * 4];
        Array.Fill(weights, weight);
        weights.AsSpan(0, 32).Fill(0.25f);
        float[] bias = [.. Enumerable.Range(0, 16).Select(i => (float)(i - 8) / 3)];
        Model model = Model(17, g => g.Apply(
            "Conv", [g.Input(1, 4, 8, 8), g.AddInitializer("w", Tensor.Create<float>(ElementType.Float, [16, 4, 1, 1], weights)), g.AddInitializer("b", Tensor.Create<float>(ElementType.Float, [16], bias))], "y"));
        foreach (Engine engine in Enum.GetValues<Engine>())
            Quantize(model, new CompilerOptions { Engine = engine });
    }

    [Fact]
    public static void Inputs_of_zeros_give_zeros()
    {
        Model model = Model(17, g => g.Apply("Conv", [g.Input(1, 4, 8, 8), g.Normal("w", 16, 4, 3, 3)], "y"));
        var zeros = new Dictionary<string, Tensor> { ["x"] = Tensor.Create<float>(ElementType.Float, [1, 4, 8, 8], new float[256]) };
        CompilationResult result = Compiled(model, new CompilerOptions { Samples = new MemorySamples(zeros) });
        Assert.True(Agreement.Run(result.Model, zeros)["y"].Data.ReadAll().Span.IndexOfAnyExcept((byte)0) < 0);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public static void Weights_and_activations_that_are_not_finite_are_errors_that_name_the_node(float number)
    {
        var weights = new float[16 * 4 * 9];
        weights[77] = number;
        Model model = Model(17, g => g.Apply("Conv", [g.Input(1, 4, 8, 8), g.AddInitializer("w", Tensor.Create<float>(ElementType.Float, [16, 4, 3, 3], weights))], "y"));
        // The result of the node has them too.
        Assert.Equal("OPT3021", Assert.Throws<CompilationException>(() => Compiled(model, new CompilerOptions())).Diagnostic.Code);

        model = Model(17, g => g.Apply("MatMul", [g.Input(2, 70), g.AddInitializer("w", Tensor.Create<float>(ElementType.Float, [70, 48], [.. Enumerable.Repeat(1f, (70 * 48) - 1), number]))], "y"));
        Diagnostic weight = Assert.Throws<CompilationException>(() => Compiled(model, new CompilerOptions())).Diagnostic;
        Assert.Equal(("OPT3001", "y"), (weight.Code, weight.Node));

        model = Model(17, g => Conv(g, g.Apply("Log", [g.Input(1, 4, 8, 8)], "l"), 16));
        Diagnostic activation = Assert.Throws<CompilationException>(() => Compiled(model, new CompilerOptions())).Diagnostic;
        Assert.Equal(("OPT3021", "l"), (activation.Code, activation.Node));
    }

    [Fact]
    public static void Samples_that_cannot_be_used_are_errors()
    {
        Model model = Model(17, s_models["Conv of three channels"].Build);
        Assert.Contains("has no sample", Failure(new MemorySamples()), StringComparison.Ordinal);
        Assert.Contains("has no 'x'", Failure(new MemorySamples(new Dictionary<string, Tensor>())), StringComparison.Ordinal);
        Assert.Contains("does not run on sample 1", Failure(new MemorySamples(new Dictionary<string, Tensor> { ["x"] = Tensor.Create<float>(ElementType.Float, [1, 2, 8, 8], new float[128]) })), StringComparison.Ordinal);

        string Failure(ISampleSource samples)
        {
            Diagnostic diagnostic = Assert.Throws<CompilationException>(() => Compiled(model, new CompilerOptions { Samples = samples })).Diagnostic;
            Assert.Equal("OPT3020", diagnostic.Code);
            return diagnostic.Message;
        }
    }

    [Fact]
    public static void Without_samples_some_are_drawn_and_a_warning_says_so()
    {
        var reported = new List<DiagnosticDescriptor>();
        var compiler = new ModelCompiler(new CompilerOptions { Quantization = QuantizationMode.Static }, new InProcessRunner(), diagnostic => reported.Add(diagnostic.Descriptor));
        CompilationResult result = compiler.Compile(Model(17, s_models["Residual"].Build));
        Assert.Equal([Diagnostics.SyntheticCalibration], reported);
        Assert.True(result.Calibration!.IsSynthetic);
    }

    [Theory]
    [InlineData("HardSwish", false, -3, null)]
    [InlineData("HardSigmoid", false, -2.5, 2.5)]
    [InlineData("HardSwish", true, -100, null)]
    public static void Codes_are_not_spent_where_a_gate_is_closed_or_open(string gate, bool isNeededElsewhere, double least, double? greatest)
    {
        Model model = Model(17, g =>
        {
            Value wide = g.Apply("Mul", [g.Apply("Conv", [g.Input("n", "4", "8", "8"), g.Normal("w", 16, 4, 3, 3)], "conv_0"), g.Scalar(20)], "wide");
            Value x = g.Apply(gate, [wide], "g");
            return Conv(g, isNeededElsewhere ? g.Apply("Concat", [x, wide], "j", [Int("axis", 1)]) : x, 16);
        });

        Graph graph = Quantize(model).Model.Graph;

        Node conv = graph.Nodes.First(n => n.OpType == "QLinearConv");
        float scale = conv.Inputs[6]!.Constant!.Read<float>()[0];
        int zero = conv.Inputs[7]!.Constant!.Read<byte>()[0];
        if (isNeededElsewhere)
            Assert.InRange(-zero * scale, least, -3.5);
        else
            Assert.InRange(-zero * scale, least - (2 * scale), least);
        if (greatest is { } end)
            Assert.InRange((255 - zero) * scale, end, end + (2 * scale));
        else
            Assert.InRange((255 - zero) * scale, 3.5, 100);
    }

    [Theory]
    [InlineData("Pad that fills in a number", "Conv Pad Conv")]
    [InlineData("constant of a picture", "Conv Add Conv")]
    public static void What_has_no_kernel_in_8_bits_stays(string name, string operators)
    {
        Model model = Model(17, g =>
        {
            Value x = Conv(g, g.Input("n", "4", "8", "8"), 16);
            x = name.StartsWith("Pad", StringComparison.Ordinal)
                ? g.Apply("Pad", [x, g.Ints(0, 0, 1, 1, 0, 0, 1, 1), g.Scalar(1)], "p")
                : g.Apply("Add", [x, g.Normal("p", 1, 1, 8, 8)], "p");
            return Conv(g, x, 16);
        });

        Assert.Equal(operators, string.Join(' ', Quantize(model).Model.Graph.Nodes.Select(n => n.OpType.Replace("QLinear", "", StringComparison.Ordinal)).Where(type => type is "Conv" or "Pad" or "Add")));
    }

    [Fact]
    public static void Basic_optimisation_is_enough() => Quantize(Model(17, s_models["Residual"].Build), new CompilerOptions { Optimization = OptimizationLevel.Basic });

    private static CompressionPlan OneScale(CompressionPlan plan) => new() { Nodes = [.. plan.Nodes.Select(node => node with { PerChannel = HasWeights(node) ? false : null })] };

    private static bool HasWeights(PlannedNode node) => node.Operator is "Conv" or "Gemm" or "MatMul";

    private static Value Conv(Graph graph, Value x, long outputs, int rank = 2, long groups = 1, long kernel = 3)
    {
        long inputs = x.Shape is { } shape && shape[1].TryGetValue(out long known) ? known : Channels(x);
        string name = graph.UniqueName("conv");
        Value weight = graph.Normal(name + "_w", [outputs, inputs / groups, .. Enumerable.Repeat(kernel, rank)]);
        return graph.Apply("Conv", [x, weight, graph.Normal(name + "_b", outputs)], name == "conv" ? "conv" : $"conv_{outputs}", [Int("group", groups), IntList("pads", [.. Enumerable.Repeat(kernel / 2, 2 * rank)])]);
    }

    /// <summary>Shapes of inner values are not known yet.</summary>
    private static long Channels(Value x) => x.Producer is { } producer
        ? producer.OpType == "Conv" ? producer.Inputs[1]!.Constant!.Dimensions[0] : producer.OpType == "Concat" ? producer.Inputs.Sum(i => Channels(i!)) : Channels(producer.Inputs.First(i => i!.Constant is null)!)
        : x.Shape![1].TryGetValue(out long known) ? known : throw new NotSupportedException(x.Name);

    /// <summary>Compiles with samples of the sizes that are tested, and checks that the error is what some layers of 8 bits cost.</summary>
    private static CompilationResult Quantize(Model model, CompilerOptions? options = null, QuantizationMode mode = QuantizationMode.Static)
    {
        CompilationResult result = Compiled(model, (options ?? new CompilerOptions()) with { Quantization = mode });
        Model compiled = ModelReader.Read(ModelWriter.ToBytes(result.Model));
        foreach (long size in new long[] { 1, 3 })
        {
            Dictionary<string, Tensor> inputs = Agreement.Draw(compiled.Graph, size);
            Assert.InRange(Agreement.Error(Agreement.Run(model, inputs), Agreement.Run(compiled, inputs)), 1e-6, 0.05);
        }

        return result;
    }

    private static CompilationResult Compiled(Model model, CompilerOptions options, DiagnosticDescriptor? warning = null)
    {
        var reported = new List<DiagnosticDescriptor>();
        Model copy = ModelReader.Read(ModelWriter.ToBytes(model));
        options = options with { Samples = options.Samples ?? MemorySamples.Of(copy.Graph, 1, 3), Quantization = options.Plan is null ? QuantizationMode.Static : QuantizationMode.None };
        CompilationResult result = new ModelCompiler(options, new InProcessRunner(), diagnostic => reported.Add(diagnostic.Descriptor)).Compile(copy);
        Assert.Equal(warning is null ? [] : [warning], reported);
        return result;
    }
}
