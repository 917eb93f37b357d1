using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Quantization;

public static class QuantizeWeightsTests
{
    /// <summary>So many that the table is not transposed beforehand.</summary>
    private const long Rows = 20_000;

    private static readonly Dictionary<string, Func<Graph, Value>> s_models = new()
    {
        ["MatMul"] = g => g.Apply("MatMul", [g.Input(2, 5, 70), g.Normal("w", 70, 48)], "y"),
        ["MatMul, Add"] = g => g.Apply("Add", [g.Normal("b", 48), g.Apply("MatMul", [g.Input(2, 5, 70), g.Normal("w", 70, 48)], "p")], "y"),
        ["MatMul of the transposed"] = g => g.Apply("MatMul", [g.Input(2, 5, 70), g.Apply("Transpose", [g.Normal("w", 48, 70)], "t")], "y"),
        ["Gemm"] = g => g.Apply("Gemm", [g.Input(3, 70), g.Normal("w", 70, 48), g.Normal("b", 48)], "y"),
        ["Gemm without bias"] = g => g.Apply("Gemm", [g.Input(3, 70), g.Normal("w", 70, 48)], "y"),
        ["Gemm of the transposed"] = g => g.Apply("Gemm", [g.Input(3, 70), g.Normal("w", 48, 70), g.Normal("b", 1, 48)], "y", [Int("transB", 1)]),
        ["Gemm with a matrix added"] = g => g.Apply("Gemm", [g.Input(3, 70), g.Normal("w", 70, 48), g.Normal("b", 3, 48)], "y"),
        ["MatMuls of one value"] = g =>
        {
            Value x = g.Input(2, 5, 70);
            Value sum = g.Apply("Add", [g.Apply("MatMul", [x, g.Normal("w", 70, 48)], "p"), g.Apply("MatMul", [x, g.Normal("wv", 70, 48)], "q")], "s");
            return g.Apply("Add", [sum, g.Apply("MatMul", [x, g.Normal("wvw", 70, 48)], "r")], "y");
        },
        ["MatMul in float16"] = g => g.Apply("Cast", [g.Apply("MatMul", [g.Apply("Cast", [g.Input(5, 70)], "h", [Int("to", 10)]), g.AddInitializer("w", Half(g, 70, 48))], "p")], "y", [Int("to", 1)]),
    };

    public static TheoryData<string, QuantizationMode> Models()
    {
        var data = new TheoryData<string, QuantizationMode>();
        foreach (string name in s_models.Keys)
        {
            foreach (QuantizationMode mode in new[] { QuantizationMode.Dynamic, QuantizationMode.Int4, QuantizationMode.Int8 })
                data.Add(name, mode);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Models))]
    public static void Products_are_quantised(string name, QuantizationMode mode)
    {
        bool keeps = name == "MatMul in float16" && mode == QuantizationMode.Dynamic;
        CompilationResult result = Quantize(Model(21, s_models[name]), mode, keeps ? Diagnostics.NothingQuantized : null);
        string[] operators = [.. result.Model.Graph.Nodes.Select(n => n.OpType)];
        Assert.Equal(keeps, operators.Contains("MatMul"));
        Assert.DoesNotContain("Gemm", operators);
        Assert.DoesNotContain("Transpose", operators);
        Assert.Equal(!keeps, result.Plan!.Quantizes);
    }

    [Fact]
    public static void Activations_that_several_products_take_are_quantised_once()
    {
        CompilationResult result = Quantize(Model(21, s_models["MatMuls of one value"]), QuantizationMode.Dynamic);
        Assert.Equal(["Add", "Add", "DynamicQuantizeLinear", "MatMulIntegerToFloat", "MatMulIntegerToFloat", "MatMulIntegerToFloat"], Operators(result).Order(StringComparer.Ordinal));
    }

    [Fact]
    public static void A_bias_behind_a_product_goes_into_it() =>
        Assert.Equal(["DynamicQuantizeMatMul"], Operators(Quantize(Model(21, s_models["MatMul, Add"]), QuantizationMode.Dynamic)));

    [Fact]
    public static void Tables_are_looked_up_in_blocks() => Assert.Equal(["GatherBlockQuantized"], Operators(Quantize(Table(64, 2, 7), QuantizationMode.Int4)));

    [Theory]
    [InlineData(QuantizationMode.Int8, 64, 2)]
    [InlineData(QuantizationMode.Dynamic, 48, 3)]
    [InlineData(QuantizationMode.Int8, 64, 0)]
    public static void Codes_and_scales_are_looked_up_where_that_is_faster(QuantizationMode mode, int columns, int rank) =>
        Assert.Equal(["Gather", "DequantizeLinear", "Gather", "Mul", "Reshape"], Operators(Quantize(Table(columns, [.. Enumerable.Repeat(3L, rank)]), mode)));

    [Fact]
    public static void Tables_of_other_providers_have_the_kernel() =>
        Assert.Equal(["GatherBlockQuantized"], Operators(Quantize(Table(64, 2, 7), QuantizationMode.Int8, options: new CompilerOptions { Providers = ["WebGpu", "Cpu"] })));

    [Fact]
    public static void Indices_of_any_rank_have_the_kernel()
    {
        Model model = Model(21, g => g.Apply("Gather", [g.Normal("w", 300, 64), g.AddInput("i", new TensorType(ElementType.Int64, null))], "y"));
        Assert.Equal(["GatherBlockQuantized"], Operators(Compiled(model, new CompilerOptions { Quantization = QuantizationMode.Int8 })));
    }

    [Theory]
    [InlineData(QuantizationMode.Int4)]
    [InlineData(QuantizationMode.Int8)]
    public static void Tied_weights_are_stored_once(QuantizationMode mode)
    {
        Model model = Model(21, Tied);
        CompilationResult result = Quantize(model, mode);
        Assert.Equal(mode == QuantizationMode.Int4 ? ["GatherBlockQuantized", "MatMulNBits"] : ["Gather", "DequantizeLinear", "Gather", "Mul", "Reshape", "MatMulNBits"], Operators(result));
        using var folder = new Testing.TemporaryFolder();
        ModelWriter.Write(result.Model, folder["m.onnx"], new WriteOptions { ExternalData = true });
        long bits = mode == QuantizationMode.Int4 ? 4 : 8;
        long codes = Rows * 64 * bits / 8;
        Assert.InRange(new FileInfo(folder["m.onnx.data"]).Length, codes, codes + (Rows * 2 * 4) + (2 * 65536));
    }

    [Theory]
    [InlineData("forward", 1)]
    [InlineData("bidirectional", 2)]
    public static void Recurrent_networks_are_quantised(string direction, int directions)
    {
        Model model = Model(21, g => g.Apply(
            "LSTM",
            [g.Input(6, 2, 40), g.Normal("w", directions, 4 * 24, 40), g.Normal("r", directions, 4 * 24, 24), g.Normal("b", directions, 8 * 24)],
            "y",
            [Text("direction", direction), Int("hidden_size", 24)]));
        Assert.Equal(["DynamicQuantizeLSTM"], Operators(Quantize(model, QuantizationMode.Dynamic)));
        Assert.Equal(["LSTM"], Operators(Quantize(model, QuantizationMode.Int4, Diagnostics.NothingQuantized)));
    }

    [Fact]
    public static void Excluded_nodes_stay()
    {
        Model model = Model(21, s_models["MatMuls of one value"]);
        CompilationResult result = Quantize(model, QuantizationMode.Int8, options: new CompilerOptions { ExcludeNodes = ["q", "nothing*"] });
        Assert.Equal(1, Operators(result).Count(o => o == "MatMul"));
        Assert.Equal("excluded by q", result.Plan!.Nodes.Single(n => n.Format == WeightFormat.Float).Why);
    }

    [Fact]
    public static void A_plan_given_back_gives_the_same_model()
    {
        Model model = Model(21, s_models["MatMuls of one value"]);
        CompilationResult first = Quantize(model, QuantizationMode.Int4);
        CompressionPlan plan = CompressionPlan.Parse(first.Plan!.ToJson());
        Assert.Equal(first.Plan.ToJson(), plan.ToJson());
        CompilationResult second = Quantize(model, QuantizationMode.None, options: new CompilerOptions { Plan = plan });
        Assert.True(ModelWriter.ToBytes(first.Model).AsSpan().SequenceEqual(ModelWriter.ToBytes(second.Model)));
    }

    [Fact]
    public static void An_edited_plan_decides()
    {
        Model model = Model(21, s_models["MatMuls of one value"]);
        CompressionPlan plan = CompressionPlan.Parse("""
            { "nodes": [ { "node": "p", "format": "Int4", "blockSize": 64, "symmetric": false }, { "node": "q", "format": "Dynamic" }, { "node": "r", "format": "Float" } ] }
            """);
        CompilationResult result = Quantize(model, QuantizationMode.None, options: new CompilerOptions { Plan = plan });
        Assert.Equal(["Add", "Add", "DynamicQuantizeMatMul", "MatMul", "MatMulNBits"], Operators(result).Order(StringComparer.Ordinal));
        Node product = result.Model.Graph.Nodes.Single(n => n.OpType == "MatMulNBits");
        Assert.Equal(64, product.IntAttribute("block_size"));
        Assert.Equal(ElementType.UInt8, product.Inputs[3]!.ElementType);
    }

    [Theory]
    [InlineData("{", "cannot be understood")]
    [InlineData("{}", "cannot be understood")]
    [InlineData("""{ "nodes": [ { "node": "p", "format": "Int5" } ] }""", "cannot be understood")]
    [InlineData("""{ "nodes": [ { "node": "p", "format": "Int4", "blocksize": 32 } ] }""", "cannot be understood")]
    [InlineData("""{ "nodes": [ { "node": "p", "format": "Int4", "blockSize": 33 } ] }""", "16, 32, 64 or 128")]
    [InlineData("""{ "nodes": [ { "node": "p", "format": "Int4", "accuracyLevel": 5 } ] }""", "from 0 to 4")]
    [InlineData("""{ "nodes": [ { "node": "nobody", "format": "Int4" } ] }""", "no node of this name")]
    [InlineData("""{ "nodes": [ { "node": "p", "format": "Int4" }, { "node": "p", "format": "Int8" } ] }""", "twice")]
    public static void A_plan_that_does_not_fit_is_an_error(string json, string message)
    {
        var failure = Assert.Throws<CompilationException>(() => Compile(Model(21, s_models["MatMuls of one value"]), new CompilerOptions { Plan = CompressionPlan.Parse(json) }));
        Assert.Equal("OPT3004", failure.Diagnostic.Code);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public static void Quantised_models_stay()
    {
        CompilationResult first = Quantize(Model(21, s_models["MatMul"]), QuantizationMode.Int8);
        CompilationResult second = Quantize(first.Model, QuantizationMode.Int4, Diagnostics.AlreadyQuantized);
        Assert.Null(second.Plan);
        Assert.Equal(["MatMulNBits"], Operators(second));
    }

    [Fact]
    public static void Formats_without_kernels_on_the_target_are_not_used()
    {
        CompilationResult result = Quantize(Model(21, s_models["MatMul"]), QuantizationMode.Dynamic, Diagnostics.NothingQuantized, new CompilerOptions { Providers = ["Cuda"] });
        Assert.Equal("Cuda has no kernel for Dynamic", result.Plan!.Nodes[0].Why);
    }

    [Fact]
    public static void Without_any_optimisation_nothing_can_be_quantised()
    {
        var compiler = new ModelCompiler(new CompilerOptions { Quantization = QuantizationMode.Int8, Optimization = OptimizationLevel.None });
        Assert.Equal("OPT5002", Assert.Throws<CompilationException>(() => compiler.Compile(Model(21, s_models["MatMul"]))).Diagnostic.Code);
    }

    [Fact]
    public static void Products_are_quantised_without_other_kernels_as_well()
    {
        CompilationResult result = Quantize(Model(21, s_models["Gemm of the transposed"]), QuantizationMode.Dynamic, options: new CompilerOptions { Optimization = OptimizationLevel.Basic });
        Assert.Equal(["DynamicQuantizeMatMul"], Operators(result));
    }

    [Fact]
    public static void Small_weights_stay()
    {
        Model model = Model(21, g => g.Apply("MatMul", [g.Input(2, 5), g.Normal("w", 5, 7)], "y"));
        Assert.Equal(["MatMul"], Operators(Quantize(model, QuantizationMode.Dynamic, Diagnostics.NothingQuantized)));
    }

    [Theory]
    [InlineData(QuantizationMode.Dynamic)]
    [InlineData(QuantizationMode.Int4)]
    public static void Weights_that_are_not_finite_are_an_error_that_names_the_node(QuantizationMode mode)
    {
        var numbers = new float[70 * 48];
        numbers[1234] = float.NaN;
        Model model = Model(21, g => g.Apply("MatMul", [g.Input(2, 70), g.AddInitializer("w", Tensor.Create<float>(ElementType.Float, [70, 48], numbers))], "y"));
        CompilationResult result = new ModelCompiler(new CompilerOptions { Quantization = mode }).Compile(model);
        Diagnostic diagnostic = Assert.Throws<CompilationException>(() => ModelWriter.ToBytes(result.Model)).Diagnostic;
        Assert.Equal(("OPT3001", "y"), (diagnostic.Code, diagnostic.Node));
    }

    [Fact]
    public static void A_product_with_zeros_is_zero()
    {
        Model model = Model(21, g => g.Apply("MatMul", [g.Input(2, 70), g.AddInitializer("w", Tensor.Create<float>(ElementType.Float, [70, 48], new float[70 * 48]))], "y"));
        foreach (QuantizationMode mode in new[] { QuantizationMode.Dynamic, QuantizationMode.Int4, QuantizationMode.Int8 })
            Assert.Equal(0, Error(model, Compiled(model, new CompilerOptions { Quantization = mode, DisabledPasses = ["FoldConstants"] }).Model));
    }

    private static Model Table(long columns, params long[] indices) =>
        Model(21, g => g.Apply("Gather", [g.Normal("w", 300, columns), g.AddInput("i", new TensorType(ElementType.Int64, Shape.Of(indices)))], "y"));

    private static Value Tied(Graph graph)
    {
        Value table = graph.Normal("w", Rows, 64);
        Value rows = graph.Apply("Gather", [table, graph.AddInput("i", new TensorType(ElementType.Int64, Shape.Of(3)))], "rows");
        return graph.Apply("MatMul", [rows, graph.Apply("Transpose", [table], "t", [IntList("perm", 1, 0)])], "y");
    }

    /// <summary>Compiles, and checks that the error is what one or two layers in the format cost.</summary>
    private static CompilationResult Quantize(Model model, QuantizationMode mode, DiagnosticDescriptor? warning = null, CompilerOptions? options = null)
    {
        CompilationResult result = Compiled(model, (options ?? new CompilerOptions()) with { Quantization = mode }, warning);
        Assert.InRange(Error(model, result.Model), result.Plan is { Quantizes: true } ? 1e-5 : 0, UsualError(result.Plan));
        return result;
    }

    /// <summary>Names are unique in one graph only: exporters give both branches of a merged decoder the same.</summary>
    [Fact]
    public static void Nodes_of_one_name_in_several_graphs_have_one_format()
    {
        Model model = Model(17, g =>
        {
            Value x = g.Input(2, 70);
            Value condition = g.Apply("Cast", [g.Apply("ReduceMax", [x], "max", [Int("keepdims", 0)])], "condition", [Int("to", (long)ElementType.Bool)]);
            return g.Apply("If", [condition], "y", [new GraphAttribute("then_branch", Branch("then", x)), new GraphAttribute("else_branch", Branch("else", x))]);

            Graph Branch(string name, Value input)
            {
                var branch = new Graph(name, g);
                Value product = branch.Apply("MatMul", [input, branch.Normal(name, 70, 48)], name + "_y");
                product.Producer!.Name = "same";
                branch.AddOutput(product);
                return branch;
            }
        });

        CompilationResult first = Quantize(model, QuantizationMode.Int8);
        Assert.Equal("same", Assert.Single(first.Plan!.Nodes).Node);
        CompilationResult second = Compiled(model, new CompilerOptions { Plan = CompressionPlan.Parse(first.Plan.ToJson()) });

        Assert.Equal(2, first.Model.Graph.AllNodes().Count(n => n.OpType == "MatMulNBits"));
        Assert.True(ModelWriter.ToBytes(first.Model).AsSpan().SequenceEqual(ModelWriter.ToBytes(second.Model)));
    }

    private static double UsualError(CompressionPlan? plan) => plan is not { Quantizes: true } ? 1e-5 : plan.Nodes.Any(n => n.Format == WeightFormat.Int4) ? 0.14 : 0.03;

    private static CompilationResult Compiled(Model model, CompilerOptions options, DiagnosticDescriptor? warning = null)
    {
        var reported = new List<DiagnosticDescriptor>();
        var compiler = new ModelCompiler(options, new InProcessRunner(), diagnostic => reported.Add(diagnostic.Descriptor));
        CompilationResult result = compiler.Compile(ModelReader.Read(ModelWriter.ToBytes(model)));
        Assert.Equal(warning is null ? [] : [warning], reported);
        return result;
    }

    private static double Error(Model model, Model result)
    {
        Model compiled = ModelReader.Read(ModelWriter.ToBytes(result));
        Dictionary<string, Tensor> inputs = Agreement.Draw(compiled.Graph, 3);
        return Agreement.Error(Agreement.Run(model, inputs), Agreement.Run(compiled, inputs));
    }

    private static IEnumerable<string> Operators(CompilationResult result) => result.Model.Graph.Nodes.Select(n => n.OpType);

    private static Tensor Half(Graph graph, params long[] sizes)
    {
        Value value = graph.Normal("half", sizes);
        Tensor tensor = Tensor.Create<Half>(ElementType.Float16, sizes, Array.ConvertAll(value.Constant!.Read<float>().ToArray(), x => (Half)x));
        graph.RemoveIfDead(value);
        return tensor;
    }
}
