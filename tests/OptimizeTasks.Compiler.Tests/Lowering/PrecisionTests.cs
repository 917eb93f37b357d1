using OptimizeTasks.Compiler.Quantization;
using OptimizeTasks.Compiler.Tests.Raising;
using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using Xunit.Abstractions;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Lowering;

/// <summary>Models that are to compute in another precision.</summary>
public sealed class PrecisionTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>What verification allows.</summary>
    private const double HalfTolerance = 4e-3;

    private static readonly CompilerOptions s_half = new() { Precision = ComputePrecision.Float16, Providers = ["Cuda"] };

    private static readonly Dictionary<string, (Func<Graph, Value> Build, string Operators)> s_converted = new()
    {
        ["products and what stands between them"] = (g => Product(g, g.Op("Relu", g.Op("Add", Product(g, Rows(g)), g.Weight("bias", 8)))), "Cast MatMul Add Relu MatMul Cast"),
        ["one Cast for all who use an input"] = (g =>
        {
            Value x = Rows(g);
            return g.Op("Add", Product(g, x), g.Op("MatMul", x, g.Weight("other", 8, 8)));
        }, "Cast MatMul MatMul Add Cast"),
        ["an operator that needs its digits"] = (g => Product(g, g.Op("Erf", Product(g, Rows(g)))), "Cast MatMul Cast Erf Cast MatMul Cast"),
        ["what comes before the first product stays"] = (g => Product(g, g.Op("Relu", Rows(g))), "Relu Cast MatMul Cast"),
        ["integers go to half precision at once"] = (g => Product(g, g.Op("Cast", Int("to", (long)ElementType.Float), g.AddInput("x", new TensorType(ElementType.Int64, Shape.Of(4, 8))))), "Cast MatMul Cast"),
        ["a Cast to integers takes half precision"] = (g => g.Op("Cast", Int("to", (long)ElementType.Double), Product(g, Rows(g))), "Cast MatMul Cast"),
        ["a table that is looked up"] = (g => Product(g, g.Op("Gather", g.Weight("table", 4, 8), g.AddInput("x", new TensorType(ElementType.Int64, Shape.Of(3))))), "Gather MatMul Cast"),
        ["biases near 0"] = (g => g.Op("Relu", g.Op("Add", Product(g, Rows(g)), Constant(g, [8], 1e-6f))), "Cast MatMul Add Relu Cast"),
        ["a convolution"] = (g => g.Op("Relu", g.Op("Conv", g.Input(1, 3, 5, 5), g.Weight("w", 4, 3, 3, 3), g.Weight("b", 4))), "Cast Conv Relu Cast"),
    };

    private static readonly Dictionary<string, (Func<Graph, Value> Build, string Operators, string Why)> s_left = new()
    {
        ["a weight beyond half precision"] = (g => g.Op("Relu", g.Op("MatMul", Rows(g), Constant(g, [8, 1], 70000))), "MatMul Relu", "numbers beyond Float16"),
        ["a huge factor"] = (g => g.Op("Mul", g.Op("Relu", Product(g, Rows(g))), g.Scalar(1e30f)), "Cast MatMul Relu Cast Mul", "numbers beyond Float16"),
        ["an ε that would be 0"] = (g => g.Op("Div", Product(g, Rows(g)), g.Op("Add", g.Op("Abs", Product(g, Rows(g, "y"))), g.Scalar(1e-9f))), "Cast Cast MatMul MatMul Abs Cast Add Cast Div Cast", "numbers too small for Float16"),
        ["a number that would be 0"] = (g => g.Op("Max", Product(g, Rows(g)), g.Scalar(1e-9f)), "Cast MatMul Cast Max", "numbers too small for Float16"),
        ["weights that would lose their digits"] = (g => g.Op("MatMul", Rows(g), Constant(g, [8, 1], 1e-7f)), "MatMul", "numbers too small for Float16"),
        ["values that get large"] = (g => g.Op("MatMul", Rows(g), Constant(g, [8, 1], 60000)), "MatMul", "on drawn inputs"),
        ["angles"] = (g => g.Op("Cos", Product(g, Rows(g))), "MatMul Cos", "Cos"),
        ["what is compared"] = (g => g.Op("Greater", g.Op("Relu", Product(g, Rows(g))), g.Scalar(0.5f)), "Cast MatMul Cast Relu Greater", "needs the digits"),
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Converted => [.. s_converted.Keys];

    public static TheoryData<string> Left => [.. s_left.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Converted))]
    public void Nodes_compute_in_half_precision_between_Casts(string name)
    {
        CompilationResult result = Compile(Model(23, s_converted[name].Build), s_half, HalfTolerance);

        Graph graph = result.Model.Graph;
        Assert.Equal(s_converted[name].Operators, string.Join(' ', graph.Nodes.Select(n => n.OpType)));
        Assert.All(graph.Initializers.Where(i => i.ElementType.IsFloatingPoint()), i => Assert.Equal(ElementType.Float16, i.ElementType));
        Assert.DoesNotContain(graph.Inputs.Concat(graph.Outputs), v => v.ElementType == ElementType.Float16);
        Assert.All(graph.Nodes.Where(n => n.OpType is "MatMul" or "Conv"), n => Assert.Equal(ElementType.Float16, n.Output.ElementType));
    }

    [Theory]
    [MemberData(nameof(Left))]
    public void What_half_precision_would_spoil_stays(string name)
    {
        CompilationResult result = Compile(Model(23, s_left[name].Build), s_half, HalfTolerance);

        Assert.Equal(s_left[name].Operators, string.Join(' ', result.Model.Graph.Nodes.Select(n => n.OpType)));
        Assert.Contains(result.Unconverted, u => u.Why.Contains(s_left[name].Why, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(-3.4028235e38f)]
    [InlineData(-1e9f)]
    public void Masks_hide_as_much_in_half_precision(float hidden)
    {
        Model model = Model(23, g =>
        {
            Value mask = g.Op("Cast", Int("to", (long)ElementType.Float), g.AddInput("mask", new TensorType(ElementType.Int64, Shape.Of(4, 8))));
            return g.Op("Softmax", g.Op("Add", Product(g, Rows(g)), g.Op("Mul", g.Op("Sub", g.Scalar(1), mask), g.Scalar(hidden))));
        });
        CompilationResult result = new ModelCompiler(s_half, new InProcessRunner()).Compile(ModelReader.Read(ModelWriter.ToBytes(model)));

        Dictionary<string, Tensor> inputs = Agreement.Draw(model.Graph, 1);
        inputs["mask"] = Tensor.Create<long>(ElementType.Int64, [4, 8], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0]);
        Assert.Contains("Clip", result.OperatorsAfter.Keys);
        Assert.Equal(ElementType.Float16, result.Model.Graph.Nodes.Single(n => n.Is("Softmax")).Output.ElementType);
        Model compiled = ModelReader.Read(ModelWriter.ToBytes(result.Model));
        Assert.InRange(Agreement.Error(Agreement.Run(model, inputs), Agreement.Run(compiled, inputs)), 0, HalfTolerance);

        // Where all is hidden something must still be chosen, and not NaN.
        inputs["mask"] = Tensor.Create<long>(ElementType.Int64, [4, 8], new long[32]);
        Assert.InRange(Agreement.Run(compiled, inputs).Values.Single().Read<float>().ToArray().Sum(), 3.99, 4.01);
    }

    [Fact]
    public void Constant_masks_hide_as_much()
    {
        float[] causal = [.. Enumerable.Range(0, 32).Select(i => i % 8 > i / 8 ? -3.4028235e38f : 0)];
        Model model = Model(23, g => g.Op("Softmax", g.Op("Add", Product(g, Rows(g)), g.AddInitializer("m", Tensor.Create<float>(ElementType.Float, [4, 8], causal)))));

        Graph graph = Compile(model, s_half, HalfTolerance).Model.Graph;

        Value mask = Assert.Single(graph.Initializers, i => i.Shape!.Equals(Shape.Of(4, 8)));
        Assert.Equal(causal.Select(x => (Half)Math.Max(x, -32768)), mask.Initializer!.Read<Half>().ToArray());
    }

    [Fact]
    public void Graphs_inside_nodes_get_what_they_had()
    {
        Model model = Model(23, g =>
        {
            Value product = Product(g, Rows(g));
            Value condition = g.Op("Greater", g.Op("ReduceSum", Int("keepdims", 0), g.FindOwn("x")!), g.Scalar(0));
            var then = new Graph("then", g);
            then.AddOutput(then.Apply("Exp", [product], "exp"));
            var other = new Graph("else", g);
            other.AddOutput(other.Apply("Neg", [product], "neg"));
            return Product(g, Choose(g, condition, then, other));
        });

        CompilationResult result = Compile(model, s_half, HalfTolerance);

        Node choice = result.Model.Graph.Nodes.Single(n => n.Is("If"));
        Assert.All(choice.Subgraphs, g => Assert.Equal(ElementType.Float, g.First!.Inputs[0]!.ElementType));
        Assert.Contains(result.Unconverted, u => u is { Operator: "If", Why: "graphs inside nodes are not converted" });
    }

    [Fact]
    public void Excluded_nodes_stay()
    {
        CompilationResult result = Compile(Model(23, g => Product(g, Rows(g))), s_half with { ExcludeNodes = ["*"] });

        Assert.Equal(["MatMul"], result.Model.Graph.Nodes.Select(n => n.OpType));
    }

    [Theory]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    public void Models_of_16_bits_can_compute_in_single_precision(ElementType type)
    {
        Model model = Model(23, g =>
        {
            ushort[] numbers = [.. Enumerable.Range(0, 64).Select(i => type == ElementType.Float16 ? BitConverter.HalfToUInt16Bits((Half)(i / 64f)) : FloatConversion.ToBFloat16(i / 64f))];
            return g.Op("Relu", g.Op("MatMul", g.AddInput("x", new TensorType(type, Shape.Of(4, 8))), g.AddInitializer("w", Tensor.Create<ushort>(type, [8, 8], numbers))));
        });

        ModelWriter.Write(model, _folder["original.onnx"], new WriteOptions());
        CompilationResult result = new ModelCompiler(new CompilerOptions { Precision = ComputePrecision.Float32 }, new InProcessRunner()).Compile(_folder["original.onnx"]);
        ModelWriter.Write(result.Model, _folder["model.onnx"], new WriteOptions());
        Graph graph = result.Model.Graph;

        Assert.Equal(["Cast", "MatMul", "Relu", "Cast"], graph.Nodes.Select(n => n.OpType));
        Assert.Equal(type, graph.Inputs[0].ElementType);
        Assert.Equal(type, graph.Outputs[0].ElementType);
        Value weight = Assert.Single(graph.Initializers);
        Assert.Equal([.. Enumerable.Range(0, 64).Select(i => i / 64f)], weight.Initializer!.Read<float>().ToArray());
        VerificationResult verification = new Verifier(new InProcessRunner()).Verify(_folder["original.onnx"], _folder["model.onnx"]);
        Assert.Equal(VerificationOutcome.Passed, verification.Outcome);
        Assert.InRange(verification.Error, 0, type == ElementType.Float16 ? 4e-3 : 3.2e-2);
    }

    [Theory]
    [InlineData("Optimization is Basic")]
    [InlineData("Cpu has no kernels")]
    [InlineData("quantised")]
    public void What_a_precision_cannot_go_with_is_refused(string why)
    {
        CompilerOptions options = why switch
        {
            "quantised" => s_half with { Quantization = QuantizationMode.Int8 },
            "Cpu has no kernels" => s_half with { Precision = ComputePrecision.BFloat16, Providers = ["Cuda", "Cpu"] },
            _ => s_half with { Optimization = OptimizationLevel.Basic },
        };

        var refused = Assert.Throws<CompilationException>(() => Compile(Model(23, g => Product(g, Rows(g))), options));

        Assert.Equal("OPT3006", refused.Diagnostic.Code);
        Assert.Contains(why, refused.Diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Warnings_say_what_is_slow_and_what_was_not_checked()
    {
        var warnings = new List<Diagnostic>();
        new ModelCompiler(s_half with { Providers = ["Cpu"] }, null, warnings.Add).Compile(Model(23, g => Product(g, Rows(g))));
        new ModelCompiler(s_half, null, warnings.Add).Compile(Model(23, g => g.Op("Exp", Rows(g))));

        Assert.Equal(["OPT3009", "OPT3008", "OPT3007"], warnings.Where(w => w.Code.StartsWith("OPT3", StringComparison.Ordinal)).Select(w => w.Code));
    }

    [Fact]
    public void Bfloat16_is_rounded_to_the_nearest_and_to_even()
    {
        var random = new Random(1);
        for (int i = 0; i < 100_000; i++)
        {
            float x = BitConverter.UInt32BitsToSingle((uint)random.NextInt64(1L << 32));
            if (!float.IsFinite(x))
                continue;
            ushort rounded = FloatConversion.ToBFloat16(x);
            double Distance(int bits) => Math.Abs((double)x - BitConverter.UInt32BitsToSingle((uint)bits << 16));
            if ((rounded & 0x7fff) is 0x7f80 or 0)
                continue;
            double distance = Distance(rounded);
            Assert.True(distance <= Distance(rounded - 1) && distance <= Distance(rounded + 1), $"{x}");
            Assert.True((rounded & 1) == 0 || (distance < Distance(rounded - 1) && distance < Distance(rounded + 1)), $"{x}");
        }

        Assert.Equal(0x7f80, FloatConversion.ToBFloat16(float.MaxValue));
        Assert.True((FloatConversion.ToBFloat16(float.NaN) & 0x7f) != 0);
    }

    [SharedModelTheory]
    [InlineData("transformers/bert-tiny.onnx", ComputePrecision.Float16)]
    [InlineData("transformers/bert-tiny.onnx", ComputePrecision.BFloat16)]
    [InlineData("transformers/gpt2-tiny.onnx", ComputePrecision.Float16)]
    [InlineData("transformers/gpt2-tiny.onnx", ComputePrecision.BFloat16)]
    [InlineData("transformers/gpt2-past.onnx", ComputePrecision.Float16)]
    [InlineData("transformers/llama-tiny.onnx", ComputePrecision.Float16)]
    [InlineData("transformers/llama-tiny.onnx", ComputePrecision.BFloat16)]
    [InlineData("vision/vit-tiny.onnx", ComputePrecision.Float16)]
    [InlineData("vision/vit-tiny.onnx", ComputePrecision.BFloat16)]
    [InlineData("digits/digits-cnn.onnx", ComputePrecision.Float16)]
    [InlineData("digits/digits-transformer.onnx", ComputePrecision.Float16)]
    public void Real_models_agree_with_their_originals(string name, ComputePrecision precision)
    {
        string path = SharedModels.Path(name), compiled = _folder["model.onnx"];
        var warnings = new List<Diagnostic>();
        CompilationResult result = new ModelCompiler(s_half with { Precision = precision }, new InProcessRunner(), warnings.Add).Compile(path);
        ModelWriter.Write(result.Model, compiled, new WriteOptions());
        long bytes = Bytes(result.Model, _ => true), narrow = Bytes(result.Model, t => t.BitWidth() == 16);

        VerificationResult verification = new Verifier(new InProcessRunner()).Verify(path, compiled, new VerificationOptions { Tolerance = result.Tolerance });

        output.WriteLine($"{name} {precision}: {verification.Outcome}, error {verification.Error:0.0e+0} of {result.Tolerance:0.0e+0}; {narrow} of {bytes} bytes of weights in 16 bits; {result.OperatorsAfter.GetValueOrDefault("Cast")} Casts, {result.NodesAfter} nodes");
        output.WriteLine("  stay: " + string.Join("; ", result.Unconverted.GroupBy(u => $"{u.Operator}: {u.Why}").Select(g => $"{g.Count()} × {g.Key}").Take(20)));
        foreach (Diagnostic warning in warnings.Concat(verification.Warnings).Append(verification.Failure).OfType<Diagnostic>())
            output.WriteLine("  " + warning);
        Assert.Equal(VerificationOutcome.Passed, verification.Outcome);
        Assert.DoesNotContain(warnings, w => w.Code == "OPT3008");
        Assert.InRange(narrow, 0.89 * bytes, bytes);
        Assert.Equal(precision == ComputePrecision.BFloat16, verification.Warnings.Any(w => w.Code == "OPT3010"));
    }

    private static long Bytes(Model model, Func<ElementType, bool> holds) =>
        model.Graph.Initializers.Where(i => i.ElementType.IsFloatingPoint() && holds(i.ElementType)).Sum(i => i.Initializer!.ByteLength);

    private static Value Choose(Graph g, Value condition, Graph then, Graph otherwise) =>
        g.Apply("If", [condition], "chosen", [new GraphAttribute("then_branch", then), new GraphAttribute("else_branch", otherwise)]);

    private static Value Rows(Graph g) => g.Input(4, 8);

    private static Value Rows(Graph g, string name) => g.AddInput(name, new TensorType(ElementType.Float, Shape.Of(4, 8)));

    private static Value Product(Graph g, Value x) => g.Op("MatMul", x, g.Weight("w", 8, 8));

    private static Value Constant(Graph g, long[] sizes, float number) =>
        g.AddInitializer("k", Tensor.Create<float>(ElementType.Float, sizes, [.. Enumerable.Repeat(number, (int)sizes.Aggregate(1L, (a, b) => a * b))]));
}
