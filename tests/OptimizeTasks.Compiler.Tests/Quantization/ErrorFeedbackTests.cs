using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Planning;
using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Quantization;

/// <summary>Error feedback in whole models, through ONNX Runtime.</summary>
public sealed class ErrorFeedbackTests
{
    private static readonly InProcessRunner s_runner = new();

    private static readonly Dictionary<string, (Func<Graph, Value> Build, long[] Sizes)> s_models = new()
    {
        ["MatMul"] = (g => g.Apply("MatMul", [g.Input(2, 5, 70), g.Normal("w", 70, 48)], "y"), [2, 5, 70]),
        ["MatMul of the transposed"] = (g => g.Apply("MatMul", [g.Input(2, 5, 70), g.Apply("Transpose", [g.Normal("w", 48, 70)], "t")], "y"), [2, 5, 70]),
        ["Gemm"] = (g => g.Apply("Gemm", [g.Input(3, 64), g.Normal("w", 64, 48), g.Normal("b", 48)], "y"), [3, 64]),
        ["Gemm of the transposed"] = (g => g.Apply("Gemm", [g.Input(3, 130), g.Normal("w", 48, 130), g.Normal("b", 1, 48)], "y", [Int("transB", 1)]), [3, 130]),
        ["In float16"] = (g => g.Apply("Cast", [g.Apply("MatMul", [g.Apply("Cast", [g.Input(5, 70)], "h", [Int("to", 10)]), Half(g, 70, 48)], "p")], "y", [Int("to", 1)]), [5, 70]),
        ["Layers"] = (g =>
        {
            Value x = g.Apply("MatMul", [g.Input(5, 64), g.Normal("w", 64, 96)], "p");
            Value y = g.Apply("MatMul", [g.Apply("Relu", [g.Apply("Add", [x, g.Normal("b", 96)], "s")], "r"), g.Normal("wq", 96, 64)], "q");
            return g.Apply("Add", [y, g.Apply("MatMul", [g.Find("x")!, g.Normal("wvw", 64, 64)], "v")], "y");
        }, [5, 64]),
    };

    public static TheoryData<string, QuantizationMode> Models()
    {
        var data = new TheoryData<string, QuantizationMode>();
        foreach (string name in s_models.Keys)
        {
            data.Add(name, QuantizationMode.Int4);
            data.Add(name, QuantizationMode.Int8);
        }

        return data;
    }

    /// <summary>On samples that the rounding did not see.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void Outputs_become_more_exact(string name, QuantizationMode mode)
    {
        (Func<Graph, Value> build, long[] sizes) = s_models[name];
        double plain = Loss(Corrections.None), corrected = Loss(Corrections.ErrorFeedback);

        // Products round activations of single precision to 8 bits too, which no correction of weights takes away.
        Assert.InRange(corrected / plain, 0.1, mode == QuantizationMode.Int4 ? 0.75 : 0.95);

        double Loss(Corrections corrections)
        {
            using var folder = new TemporaryFolder();
            CompilationResult result = Compile(Model(21, build), new CompilerOptions { Quantization = mode, Corrections = corrections, Samples = CorrelatedSamples.Of(60, 1, sizes) });
            Assert.All(result.Plan!.Nodes, node => Assert.Equal(corrections == Corrections.None ? null : true, node.ErrorFeedback));
            Assert.Equal(corrections == Corrections.None ? null : ("samples of the test", 60, false, result.Plan.Nodes.Length), result.ErrorFeedback is { } e ? (e.Source, e.Samples, e.IsSynthetic, e.Products) : default((string, int, bool, int)?));
            ModelWriter.Write(Model(21, build), folder["in.onnx"]);
            ModelWriter.Write(result.Model, folder["out.onnx"]);
            return new MetricMeter(s_runner).Measure(Metric.RelativeL2, folder["in.onnx"], folder["out.onnx"], CorrelatedSamples.Of(20, 2, sizes)).Loss;
        }
    }

    [Fact]
    public void A_plan_and_the_samples_give_the_same_model()
    {
        CompilationResult first = Compile(Layers(), Options());
        CompilationResult second = Compile(Layers(), new CompilerOptions { Plan = CompressionPlan.Parse(first.Plan!.ToJson()), Samples = Options().Samples });

        Assert.Contains("\"errorFeedback\": true", first.Plan.ToJson(), StringComparison.Ordinal);
        Assert.Equal(ModelWriter.ToBytes(first.Model), ModelWriter.ToBytes(second.Model));
        Assert.NotEqual(ModelWriter.ToBytes(first.Model), ModelWriter.ToBytes(Compile(Layers(), Options() with { Corrections = Corrections.None }).Model));
    }

    /// <summary>Memory for the moments of one product at a time.</summary>
    [Fact]
    public void Little_memory_changes_nothing()
    {
        Assert.Equal([(2, 1, 20)], Factors(long.MaxValue).Select(Counts).Distinct());
        // Inputs need no run.
        Assert.Equal([(2, 2, 20)], Factors(1).Select(Counts).Distinct());
        Assert.Equal(Factors(long.MaxValue).Select(f => f.Factor), Factors(1).Select(f => f.Factor));

        static (int, int, int) Counts((object Factor, int Distinct, int Parts, int Runs) f) => (f.Distinct, f.Parts, f.Runs);

        static List<(object Factor, int Distinct, int Parts, int Runs)> Factors(long budget)
        {
            Model model = Layers();
            ShapeInference.Run(model);
            var context = new PassContext(model, Options(), s_runner, _ => { }, null, default);
            new PlanFormats().Run(model.Graph, context);
            Assert.Equal(3, new PrepareErrorFeedback { Budget = budget }.Run(model.Graph, context));
            return [.. context.Factors.OrderBy(f => f.Key.PlanName(), StringComparer.Ordinal).Select(f => ((object)f.Value, context.Factors.Values.Distinct().Count(), context.ErrorFeedback!.Parts, context.ErrorFeedback.Runs))];
        }
    }

    /// <summary>Weights that several products share are rounded once, for the activations of all of them.</summary>
    [Fact]
    public void Shared_weights_stay_shared()
    {
        Model model = Model(21, g =>
        {
            Value weight = g.Normal("w", 64, 64), x = g.Apply("Relu", [g.Apply("MatMul", [g.Input(5, 64), weight], "p")], "r");
            return g.Apply("MatMul", [x, weight], "y");
        });

        CompilationResult result = Compile(model, Options());

        Node[] products = [.. result.Model.Graph.Nodes.Where(n => n.Is("MatMulNBits") || n.OpType == "MatMulNBits")];
        Assert.Equal(2, products.Length);
        Assert.Same(products[0].Inputs[1], products[1].Inputs[1]);
        Assert.All(result.Plan!.Nodes, node => Assert.True(node.ErrorFeedback));
    }

    /// <summary>A matrix and its transpose have other inputs, even if they are the same weights.</summary>
    [Fact]
    public void Both_directions_of_a_weight_are_rounded_for_themselves()
    {
        Model model = Model(21, g =>
        {
            Value weight = g.Normal("w", 64, 48), x = g.Apply("Relu", [g.Apply("Gemm", [g.Input(5, 64), weight], "p")], "r");
            return g.Apply("Gemm", [x, weight], "y", [Int("transB", 1)]);
        });

        CompilationResult result = Compile(model, Options());

        Assert.Equal(2, result.ErrorFeedback!.Products);
        Assert.All(result.Plan!.Nodes, node => Assert.True(node.ErrorFeedback));
    }

    /// <summary>A table is looked up: it has no activations, and a head that is the same weights stays the same weights.</summary>
    [Fact]
    public void Tables_and_what_is_tied_to_them_are_rounded_plainly()
    {
        Model model = Model(21, g =>
        {
            Value table = g.Normal("table", 20_000, 64);
            Value rows = g.Apply("Gather", [table, g.AddInput("i", new TensorType(ElementType.Int64, Shape.Of(3)))], "rows");
            return g.Apply("MatMul", [g.Apply("MatMul", [rows, g.Normal("w", 64, 64)], "p"), g.Apply("Transpose", [table], "t", [IntList("perm", 1, 0)])], "y");
        });

        CompilationResult result = Compile(model, new CompilerOptions { Quantization = QuantizationMode.Int4, Corrections = Corrections.ErrorFeedback }, Diagnostics.SyntheticCalibration);

        Assert.Equal(["p"], result.Plan!.Nodes.Where(node => node.ErrorFeedback == true).Select(node => node.Node));
        Assert.Equal(3, result.Plan.Nodes.Length);
        foreach (string node in new[] { "rows", "y" })
        {
            var options = new CompilerOptions { Plan = CompressionPlan.Parse($$"""{ "nodes": [ { "node": "{{node}}", "format": "Int4", "errorFeedback": true } ] }""") };
            Assert.Equal("OPT3004", Assert.Throws<CompilationException>(() => Compile(model, options)).Diagnostic.Code);
        }
    }

    [Fact]
    public void Products_in_subgraphs_are_rounded_plainly()
    {
        Model model = Model(17, g =>
        {
            Value x = g.Input(2, 70), condition = g.Apply("Cast", [g.Apply("ReduceMax", [x], "max", [Int("keepdims", 0)])], "condition", [Int("to", (long)ElementType.Bool)]);
            return g.Apply("If", [condition], "y", [new GraphAttribute("then_branch", Branch("then")), new GraphAttribute("else_branch", Branch("other"))]);

            Graph Branch(string name)
            {
                var branch = new Graph(name, g);
                branch.AddOutput(branch.Apply("MatMul", [x, branch.Normal(name, 70, 48)], name + "_y"));
                return branch;
            }
        });

        CompilationResult result = Compile(model, new CompilerOptions { Quantization = QuantizationMode.Int4, Corrections = Corrections.ErrorFeedback });

        Assert.Equal([null, null], result.Plan!.Nodes.Select(node => node.ErrorFeedback));
        Assert.Null(result.ErrorFeedback);
    }

    [Fact]
    public void Without_samples_some_are_drawn_and_a_warning_says_so() =>
        Assert.True(Compile(Layers(), Options() with { Samples = null }, Diagnostics.SyntheticCalibration).ErrorFeedback!.IsSynthetic);

    [Fact]
    public void What_cannot_be_learnt_from_is_one_diagnostic()
    {
        float[] numbers = new float[5 * 64];
        numbers[77] = float.NaN;
        var bad = new MemorySamples([new Dictionary<string, Tensor> { ["x"] = Tensor.Create<float>(ElementType.Float, [5, 64], numbers) }]);

        Assert.Equal("OPT3021", Failure(Options() with { Samples = bad }, s_runner).Code);
        Assert.Equal("OPT3020", Failure(Options() with { Samples = new MemorySamples([]) }, s_runner).Code);
        Assert.Equal("OPT3020", Failure(Options(), null).Code);

        static Diagnostic Failure(CompilerOptions options, IModelRunner? runner) => Assert.Throws<CompilationException>(() => new ModelCompiler(options, runner).Compile(Layers())).Diagnostic;
    }

    /// <summary>With zeros as inputs nothing is known.</summary>
    [Fact]
    public void Inputs_that_are_all_zero_give_plain_rounding()
    {
        var zeros = new MemorySamples([new Dictionary<string, Tensor> { ["x"] = Tensor.Create<float>(ElementType.Float, [5, 70], new float[5 * 70]) }]);
        Model model = Model(21, g => g.Apply("MatMul", [g.Input(5, 70), g.Normal("w", 70, 48)], "y"));

        Assert.Equal(
            ModelWriter.ToBytes(Compile(model, Options() with { Corrections = Corrections.None }).Model),
            ModelWriter.ToBytes(Compile(model, Options() with { Samples = zeros }).Model));
    }

    private static Model Layers() => Model(21, s_models["Layers"].Build);

    private static CompilerOptions Options() => new() { Quantization = QuantizationMode.Int4, Corrections = Corrections.ErrorFeedback, Samples = CorrelatedSamples.Of(20, 1, 5, 64) };

    private static CompilationResult Compile(Model model, CompilerOptions options, DiagnosticDescriptor? warning = null)
    {
        var reported = new List<DiagnosticDescriptor>();
        CompilationResult result = new ModelCompiler(options, s_runner, diagnostic => reported.Add(diagnostic.Descriptor)).Compile(ModelReader.Read(ModelWriter.ToBytes(model)));
        Assert.Equal(warning is null ? [] : [warning], reported);
        return result;
    }

    private static Value Half(Graph graph, params long[] sizes)
    {
        Value value = graph.Normal("half", sizes);
        Tensor tensor = Tensor.Create<Half>(ElementType.Float16, sizes, Array.ConvertAll(value.Constant!.Read<float>().ToArray(), x => (Half)x));
        graph.RemoveIfDead(value);
        return graph.AddInitializer("w", tensor);
    }
}
