using OptimizeTasks.Compiler.Calibration;
using OptimizeTasks.Compiler.Planning;
using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Quantization;

/// <summary>Activations with outlier channels, a part of which goes into the weights.</summary>
public static class SmoothingTests
{
    private static readonly CompilerOptions s_smoothed = new() { Quantization = QuantizationMode.Dynamic, Corrections = Corrections.Smoothing, Samples = new MemorySamples([.. OutlierNetwork.Inputs(1, 16)]) };

    [Theory]
    [InlineData(QuantizationMode.Dynamic)]
    [InlineData(QuantizationMode.Static)]
    public static void Outlier_channels_of_activations_cost_less(QuantizationMode mode)
    {
        Model model = OutlierNetwork.Build();
        CompilerOptions plain = s_smoothed with { Quantization = mode, Corrections = Corrections.None };
        CompilationResult smoothed = Compile(model, plain with { Corrections = Corrections.Smoothing });

        double before = Error(model, Compile(model, plain)), after = Error(model, smoothed);
        Assert.True(after < before / 3, $"{before} → {after}");
        Assert.Equal(smoothed.Plan!.Nodes.Where(n => n.Node[0] is 'g' or 'u').Select(n => n.Node), smoothed.Plan.Nodes.Where(n => n.Smoothing is not null).Select(n => n.Node));
    }

    /// <summary>What one correction did does not matter to the other: factors are relative to what there is.</summary>
    [Theory]
    [InlineData(QuantizationMode.Dynamic)]
    [InlineData(QuantizationMode.Static)]
    public static void Behind_equalization_nothing_gets_worse(QuantizationMode mode)
    {
        Model model = OutlierNetwork.Build();
        CompilerOptions equalized = s_smoothed with { Quantization = mode, Corrections = Corrections.Equalization };

        double before = Error(model, Compile(model, equalized)), after = Error(model, Compile(model, equalized with { Corrections = Corrections.Equalization | Corrections.Smoothing }));
        Assert.True(after < before * 1.1, $"{before} → {after}");
    }

    [Fact]
    public static void In_floating_point_the_model_stays_what_it_was()
    {
        Model model = OutlierNetwork.Build();
        CompilationResult smoothed = new ModelCompiler(s_smoothed with { StopAfter = "SmoothActivations" }, new InProcessRunner()).Compile(Copy(model));

        Assert.Equal(6, smoothed.Passes.Single(p => p.Pass == "SmoothActivations").Changes);
        Assert.Equal(0, Agreement.Error(model, smoothed.Model, OutlierNetwork.Inputs(2, 2)));
    }

    /// <summary>Samples may come in any number of runs; the bytes are the same.</summary>
    [Fact]
    public static void The_same_samples_give_the_same_model_and_so_does_the_plan()
    {
        Model model = OutlierNetwork.Build();
        CompilationResult first = Compile(model, s_smoothed), second = Compile(model, s_smoothed);
        CompilationResult third = Compile(model, s_smoothed with { Quantization = QuantizationMode.None, Corrections = Corrections.None, Plan = CompressionPlan.Parse(first.Plan!.ToJson()) });

        Assert.True(ModelWriter.ToBytes(first.Model).AsSpan().SequenceEqual(ModelWriter.ToBytes(second.Model)));
        Assert.True(ModelWriter.ToBytes(first.Model).AsSpan().SequenceEqual(ModelWriter.ToBytes(third.Model)));
        Assert.Equal(first.Plan.ToJson(), third.Plan!.ToJson());
    }

    [Fact]
    public static void A_plan_can_choose_how_much_and_only_from_nothing_to_all()
    {
        Model model = OutlierNetwork.Build();
        CompilationResult result = Compile(model, Given(0.25));
        Assert.Equal(["g0", "u0"], result.Plan!.Nodes.Where(n => n.Smoothing == 0.25).Select(n => n.Node));
        Assert.Equal(2, result.Plan.Nodes.Count(n => n.Smoothing is not null));

        Assert.Equal("OPT3004", Assert.Throws<CompilationException>(() => Compile(model, Given(1.5))).Diagnostic.Code);
        Assert.Equal("OPT3004", Assert.Throws<CompilationException>(() => Compile(model, Given(double.NaN))).Diagnostic.Code);

        static CompilerOptions Given(double alpha) => s_smoothed with
        {
            Quantization = QuantizationMode.None,
            Corrections = Corrections.None,
            // Behind d0 no normalisation stands: nothing is moved there.
            Plan = new CompressionPlan { Nodes = [.. new[] { "g0", "u0", "d0" }.Select(node => new PlannedNode { Node = node, Format = WeightFormat.Dynamic, Smoothing = alpha })] },
        };
    }

    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(0, null)]
    public static void What_a_plan_says_needs_no_rows_to_be_judged_by(int rows, double? smoothing)
    {
        Model model = Rule.Model(17, g => g.Apply("MatMul", [g.Apply("LayerNormalization", [g.Input("n", "64"), g.Floats([.. Enumerable.Repeat(1f, 64)])], "norm"), g.Normal("w", 64, 48)], "y"));
        float[] numbers = [.. Enumerable.Range(0, rows * 64).Select(i => (float)i)];
        CompilationResult result = Compile(model, new CompilerOptions
        {
            Plan = new CompressionPlan { Nodes = [new PlannedNode { Node = "y", Format = WeightFormat.Dynamic, Smoothing = 0.5 }] },
            Samples = new MemorySamples([new Dictionary<string, Tensor> { ["x"] = Tensor.Create<float>(ElementType.Float, [rows, 64], numbers) }]),
        });

        Assert.Equal(smoothing, result.Plan!.Nodes.Single().Smoothing);
    }

    [Fact]
    public static void Channels_that_are_alike_stay()
    {
        Model model = Rule.Model(17, g => g.Apply("MatMul", [g.Apply("LayerNormalization", [g.Input("n", "64"), g.Floats([.. Enumerable.Repeat(1f, 64)])], "norm"), Even(g, "w", 64, 48)], "y"));
        CompilationResult result = Compile(model, s_smoothed with { Samples = MemorySamples.Of(model.Graph, 3) });

        Assert.All(result.Plan!.Nodes, node => Assert.Null(node.Smoothing));
    }

    [Fact]
    public static void What_somebody_else_takes_stays()
    {
        // A sum, an output, a product with a weight that is not its own.
        AssertStays((g, norm) => g.Apply("Add", [norm, g.Apply("MatMul", [norm, g.Normal("w", 64, 64)], "p")], "y"));
        AssertStays((g, norm) =>
        {
            g.AddOutput(norm);
            return g.Apply("MatMul", [norm, g.Normal("w", 64, 64)], "y");
        });
        AssertStays((g, norm) =>
        {
            Value weight = g.Normal("w", 64, 64);
            return g.Apply("MatMul", [g.Apply("Relu", [g.Apply("MatMul", [norm, weight], "p")], "r"), weight], "y");
        });

        static void AssertStays(Func<Graph, Value, Value> build)
        {
            Model model = Rule.Model(17, g => build(g, g.Apply("LayerNormalization", [g.Input("n", "64"), g.Floats([.. Enumerable.Range(0, 64).Select(i => i == 5 ? 40f : 1)])], "norm")));
            Assert.Equal(0, Compile(model, s_smoothed with { Samples = MemorySamples.Of(model.Graph, 3) }).Passes.Single(p => p.Pass == "SmoothActivations").Changes);
        }
    }

    /// <summary>A channel that is always 0, and one whose weights are.</summary>
    [Fact]
    public static void Channels_of_zeros_are_in_nobodys_way()
    {
        Model model = Rule.Model(17, g =>
        {
            float[] weights = g.Normal("w", 64, 48).Constant!.Read<float>().ToArray();
            weights.AsSpan(9 * 48, 48).Clear();
            Value norm = g.Apply("LayerNormalization", [g.Input("n", "64"), g.Floats([.. Enumerable.Range(0, 64).Select(i => i == 5 ? 40f : i == 8 ? 0 : 1)])], "norm");
            return g.Apply("MatMul", [norm, g.AddInitializer("v", Tensor.Create<float>(ElementType.Float, [64, 48], weights))], "y");
        });
        MemorySamples samples = MemorySamples.Of(model.Graph, 16);
        CompilationResult plain = Compile(model, s_smoothed with { Samples = samples, Corrections = Corrections.None }), smoothed = Compile(model, s_smoothed with { Samples = samples });

        Assert.NotNull(smoothed.Plan!.Nodes.Single().Smoothing);
        IReadOnlyDictionary<string, Tensor>[] inputs = [Agreement.Draw(model.Graph, 7)];
        Assert.True(Agreement.Error(model, Written(smoothed), inputs) < Agreement.Error(model, Written(plain), inputs));
    }

    [Theory]
    [InlineData(QuantizationMode.Int4)]
    [InlineData(QuantizationMode.None)]
    public static void Where_activations_are_not_rounded_the_model_is_not_run(QuantizationMode mode) =>
        Assert.Null(new ModelCompiler(new CompilerOptions { Quantization = mode, Corrections = Corrections.Smoothing }).Compile(OutlierNetwork.Build()).Calibration);

    [Theory]
    [InlineData(QuantizationMode.Dynamic)]
    [InlineData(QuantizationMode.Static)]
    public static void Without_samples_some_are_drawn_and_one_warning_says_so(QuantizationMode mode)
    {
        var reported = new List<DiagnosticDescriptor>();
        var options = new CompilerOptions { Quantization = mode, Corrections = Corrections.Smoothing | Corrections.Bias };
        CompilationResult result = new ModelCompiler(options, new InProcessRunner(), diagnostic => reported.Add(diagnostic.Descriptor)).Compile(OutlierNetwork.Build());

        Assert.Equal([Diagnostics.SyntheticCalibration], reported);
        Assert.True(result.Calibration!.IsSynthetic);
    }

    [Fact]
    public static void What_cannot_be_calibrated_is_an_error()
    {
        Model model = OutlierNetwork.Build();
        Dictionary<string, Tensor> inputs = OutlierNetwork.Inputs(1, 1).Single();
        float[] numbers = inputs["x"].Read<float>().ToArray();
        numbers[3] = float.NaN;
        inputs["x"] = Tensor.Create<float>(ElementType.Float, inputs["x"].Dimensions.AsSpan(), numbers);

        Assert.Equal("OPT3021", Assert.Throws<CompilationException>(() => Compile(model, s_smoothed with { Samples = new MemorySamples(inputs) })).Diagnostic.Code);
        Assert.Equal("OPT3020", Assert.Throws<CompilationException>(() => Compile(model, s_smoothed with { Samples = new MemorySamples() })).Diagnostic.Code);
    }

    [Fact]
    public static void Rows_come_evenly_from_all_samples_in_bounded_memory()
    {
        var graph = new Graph("rows");
        Value value = graph.AddInput("x", new TensorType(ElementType.Float, Shape.Of(1, 2)));
        var sample = new HeldOutRows(value);
        for (int i = 0; i < 500; i += 5)
            Assert.True(sample.Observer.TryAdd(Tensor.Create<float>(ElementType.Float, [5, 2], [.. Enumerable.Range(2 * i, 10).Select(n => (float)n)])));

        Assert.InRange(sample.Rows.Count, 32, 64);
        float step = sample.Rows[1][0] - sample.Rows[0][0];
        Assert.Equal(Enumerable.Range(0, sample.Rows.Count).Select(i => 2 + (i * step)), sample.Rows.Select(row => row[0]));
        Assert.InRange(sample.Rows[^1][0], 998 - step, 998);
        Assert.Equal([0f, 0f, 996f, 997f], [.. sample.Least, .. sample.Greatest]);
    }

    [Fact]
    public static void Factors_are_those_of_the_definition_as_powers_of_two()
    {
        Assert.Equal([1, 8, 1, 1, 1], Smoothing.Factors([1, 64, 1, 0, 1], [1, 1, 1, 1, 0], 0.5));
        Assert.Equal([1, 0.125, 1], Smoothing.Factors([1, 64, 1], [1, 8, 1], 0));
        Assert.Equal([1, 64, 1], Smoothing.Factors([1, 64, 1], [1, 8, 1], 1));
    }

    private static Value Even(Graph graph, string name, params long[] sizes) =>
        graph.AddInitializer(name, Tensor.Create<float>(ElementType.Float, sizes, [.. Enumerable.Range(0, (int)(sizes[0] * sizes[1])).Select(i => i % 2 == 0 ? 1f : -1f)]));

    private static double Error(Model model, CompilationResult result) => Agreement.Error(model, Written(result), OutlierNetwork.Inputs(2, 16));

    private static CompilationResult Compile(Model model, CompilerOptions options) => new ModelCompiler(options, new InProcessRunner()).Compile(Copy(model));

    private static Model Copy(Model model) => ModelReader.Read(ModelWriter.ToBytes(model));

    private static Model Written(CompilationResult result) => Copy(result.Model);
}
