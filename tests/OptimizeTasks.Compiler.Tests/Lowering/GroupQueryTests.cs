using System.Collections.Immutable;
using OptimizeTasks.Compiler.Tests.Raising;
using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Execution;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;
using ElementType = OptimizeTasks.Onnx.ElementType;

namespace OptimizeTasks.Compiler.Tests.Lowering;

/// <summary>Attention with a past that becomes GroupQueryAttention, where promises and the mask's own computation prove that it may.</summary>
public sealed class GroupQueryTests
{
    private const long Heads = 4;
    private const long KeyHeads = 2;
    private const float Low = -1e9f;
    private static readonly ImmutableArray<InputContract> s_both = [new("attention_mask", InputContract.RightPadded), new("position_ids", InputContract.Consecutive)];
    private static readonly ImmutableArray<InputContract> s_mask = [s_both[0]];
    private static readonly ImmutableArray<InputContract> s_positions = [s_both[1]];

    private static readonly Dictionary<string, Func<Graph, Value>> s_proven = new()
    {
        ["one choice"] = g => Choose(g, g.Op("Or", Future(g), Padded(g))),
        ["a choice behind another"] = g => g.Op("Where", Padded(g), g.Scalar(Low), Choose(g, Future(g))),
        ["a sum"] = g => g.Op("Add", Choose(g, Future(g)), g.Op("Mul", g.Op("Sub", g.Scalar(1), Cast(g, Mask(g), ElementType.Float)), g.Scalar(Low))),
        ["a product of the lowest number"] = g => g.Op("Min", g.Op("Mul", Cast(g, Future(g), ElementType.Float), g.Scalar(float.MinValue)), Choose(g, Padded(g))),
        ["what is allowed"] = g => g.Op("And", g.Op("LessOrEqual", Keys(g), Rows(g)), Cast(g, Mask(g), ElementType.Bool)),
        ["not what is forbidden"] = g => g.Op("Not", g.Op("Or", g.Op("GreaterOrEqual", Keys(g), g.Op("Add", Rows(g), Long(g, 1))), Padded(g))),
        ["rows compared with keys"] = g => g.Op("And", g.Op("GreaterOrEqual", Rows(g), Keys(g)), g.Op("Not", Padded(g))),
        ["rows beyond the keys"] = g => Choose(g, g.Op("Or", g.Op("Less", Rows(g), Keys(g)), Padded(g))),
        ["positions compared with keys"] = g => Choose(g, g.Op("Or", g.Op("Greater", Keys(g), g.Op("Unsqueeze", g.Inputs.Single(i => i.Name == "position_ids"), g.Ints(1, 3))), Padded(g))),
        ["a triangle"] = g => g.Op("Add", Triangle(g, g.Op("Add", Past(g), Long(g, 1)), upper: 1), Choose(g, Padded(g))),
        ["a triangle from the first row on"] = g => g.Op("Add", g.Op("Mul", Triangle(g, Long(g, 1), upper: 1), Cast(g, Future(g), ElementType.Float)), Choose(g, Padded(g))),
    };

    private static readonly Dictionary<string, Func<Graph, Value?>> s_unproven = new()
    {
        ["no mask"] = _ => null,
        ["padding alone"] = g => g.Op("Expand", Choose(g, Padded(g)), Sizes(g)),
        ["the future alone"] = g => Choose(g, Future(g)),
        ["a window"] = g => Choose(g, g.Op("Or", g.Op("Or", Future(g), Padded(g)), g.Op("Less", Keys(g), g.Op("Sub", Rows(g), Long(g, 2))))),
        ["the own key masked"] = g => Choose(g, g.Op("Or", g.Op("GreaterOrEqual", Keys(g), Rows(g)), Padded(g))),
        ["one key of the future"] = g => Choose(g, g.Op("Or", g.Op("Greater", Keys(g), g.Op("Add", Rows(g), Long(g, 1))), Padded(g))),
        ["the past forgotten"] = g => Choose(g, g.Op("Or", g.Op("Greater", Keys(g), g.Op("Sub", Rows(g), Past(g))), Padded(g))),
        ["a number that is not low"] = g => g.Op("Where", g.Op("Or", Future(g), Padded(g)), g.Scalar(-1), g.Scalar(0)),
        ["something added where all is allowed"] = g => g.Op("Where", g.Op("Or", Future(g), Padded(g)), g.Scalar(Low), g.Scalar(0.5f)),
        ["a bias as well"] = g => g.Op("Add", Choose(g, g.Op("Or", Future(g), Padded(g))), g.NamedInput("bias", "batch", 1, 1, 1)),
        ["the mask turned round"] = g => Choose(g, g.Op("Or", Future(g), g.Op("Equal", Mask(g), Long(g, 1)))),
        ["a triangle from the first row on alone"] = g => g.Op("Add", Triangle(g, Long(g, 1), upper: 1), Choose(g, Padded(g))),
        ["another mask"] = g => Choose(g, g.Op("Or", Future(g), g.Op("Equal", g.Op("Unsqueeze", g.AddInput("other_mask", Integers("batch", "total")), g.Ints(1, 2)), Long(g, 0)))),
    };

    public static TheoryData<string> Proven => [.. s_proven.Keys];

    public static TheoryData<string> Unproven => [.. s_unproven.Keys];

    [Theory]
    [MemberData(nameof(Proven))]
    public void A_mask_that_is_proven_becomes_the_lengths_of_rows(string name)
    {
        CompilationResult result = CompileAndCompare(Decoder(s_proven[name]), s_both);

        Node attention = Assert.Single(result.Model.Graph.Nodes, n => n.OpType == "GroupQueryAttention");
        Assert.Equal(1, attention.IntAttribute("do_rotary"));
        Assert.DoesNotContain(result.Model.Graph.Nodes, n => n.OpType is "Softmax" or "Where" or "Neg");
        Assert.Equal(["present_key", "present_value"], attention.Outputs.Skip(1).Select(o => o!.Name));
    }

    [Theory]
    [MemberData(nameof(Unproven))]
    public void A_mask_that_does_anything_else_stays(string name)
    {
        CompilationResult result = CompileAndCompare(Decoder(s_unproven[name]), s_both, isPadded: name is not "another mask");

        Assert.DoesNotContain(result.Model.Graph.Nodes, n => n.OpType == "GroupQueryAttention");
        Assert.Matches("not proven to be causal|no mask", result.NearMisses["GroupQueryAttention"].Reason);
    }

    [Fact]
    public void An_attention_that_is_causal_itself_needs_its_padding_alone()
    {
        CompilationResult result = CompileAndCompare(Decoder(g => g.Op("Expand", Choose(g, Padded(g)), Sizes(g)), isCausal: true), s_both);

        Assert.Single(result.Model.Graph.Nodes, n => n.OpType == "GroupQueryAttention");
    }

    [Fact]
    public void Without_promises_nothing_is_assumed()
    {
        foreach (ImmutableArray<InputContract> contracts in new[] { [], s_positions })
        {
            CompilationResult result = CompileAndCompare(Decoder(s_proven["one choice"]), contracts, isPadded: false);

            Assert.DoesNotContain(result.Model.Graph.Nodes, n => n.OpType == "GroupQueryAttention");
            Assert.Contains("no input is promised to be right-padded", result.NearMisses["GroupQueryAttention"].Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Without_promised_positions_the_rotation_stays_outside()
    {
        CompilationResult result = CompileAndCompare(Decoder(s_proven["one choice"]), s_mask);

        Node attention = Assert.Single(result.Model.Graph.Nodes, n => n.OpType == "GroupQueryAttention");
        Assert.Equal(0, attention.IntAttribute("do_rotary"));
        Assert.Contains("no input is promised to be consecutive", result.NearMisses["RotaryGroupQueryAttention"].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Angles_that_depend_on_something_else_stay_outside()
    {
        CompilationResult result = CompileAndCompare(Decoder(s_proven["one choice"], stretch: g => g.NamedInput("stretch", 1)), s_both);

        Assert.Equal(0, Assert.Single(result.Model.Graph.Nodes, n => n.OpType == "GroupQueryAttention").IntAttribute("do_rotary"));
        Assert.Contains("is not known to follow from 'position_ids' alone", result.NearMisses["RotaryGroupQueryAttention"].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_of_the_model_is_taken_as_it_is()
    {
        CompilationResult result = CompileAndCompare(Decoder(s_proven["one choice"], table: true), s_both);

        Node attention = Assert.Single(result.Model.Graph.Nodes, n => n.OpType == "GroupQueryAttention");
        Assert.Equal(32 * 8, attention.Inputs[7]!.Constant!.ElementCount);
        Assert.Equal(32 * 8, attention.Inputs[8]!.Constant!.ElementCount);
    }

    [Theory]
    [InlineData(8, 0, true)]
    [InlineData(12, 0, false)]
    public void Sizes_that_the_kernel_lacks_stay(long size, long rotary, bool isLowered)
    {
        CompilationResult result = CompileAndCompare(Decoder(s_proven["one choice"], size), s_both);

        Assert.Equal(isLowered, result.Model.Graph.Nodes.Any(n => n.OpType == "GroupQueryAttention" && n.IntAttribute("do_rotary") == rotary));
    }

    [Fact]
    public void On_the_processor_the_standard_operator_is_faster_and_stays()
    {
        CompilationResult result = new ModelCompiler(new CompilerOptions { Contracts = s_both }, new InProcessRunner()).Compile(Decoder(s_proven["one choice"]));

        Assert.Contains(result.Model.Graph.Nodes, n => n.Is("Attention"));
    }

    [SharedModelFact]
    public void The_tiny_llama_has_one_per_layer_with_its_rotations_inside()
    {
        using var folder = new TemporaryFolder();
        string path = SharedModels.Path("transformers/llama-tiny.onnx");
        using CompilationResult result = new ModelCompiler(new CompilerOptions { Contracts = s_both, Providers = ["WebGpu", "Cpu"] }, new InProcessRunner()).Compile(path);
        Node[] attentions = [.. result.Model.Graph.Nodes.Where(n => n.OpType == "GroupQueryAttention")];
        Assert.Equal(2, attentions.Length);
        Assert.All(attentions, n => Assert.Equal(1, n.IntAttribute("do_rotary")));
        Assert.DoesNotContain(result.Model.Graph.Nodes, n => n.OpType is "Softmax" or "Attention" or "RotaryEmbedding" or "Trilu");

        ModelWriter.Write(result.Model, folder["compiled.onnx"]);
        VerificationResult verified = new Verifier(new InProcessRunner()).Verify(path, folder["compiled.onnx"], new VerificationOptions { Contracts = s_both, Tolerance = 1e-5 });
        Assert.Equal(VerificationOutcome.Passed, verified.Outcome);
        Assert.Contains(verified.Inputs, i => i.Kind.Contains("mask right-padded", StringComparison.Ordinal));
        Assert.Contains(verified.Inputs, i => i.Sizes["past_sequence_length"] > 1);
    }

    /// <summary>CUDA has the kernel for halves alone, and the mask is cut to their range.</summary>
    [SharedModelTheory]
    [InlineData(ComputePrecision.Float16)]
    [InlineData(ComputePrecision.BFloat16)]
    public void The_tiny_llama_in_half_precision_has_them_on_Cuda(ComputePrecision precision)
    {
        var options = new CompilerOptions { Contracts = s_both, Providers = ["Cuda"], Precision = precision };

        using CompilationResult result = new ModelCompiler(options, new InProcessRunner()).Compile(SharedModels.Path("transformers/llama-tiny.onnx"));

        Assert.Equal(2, result.Model.Graph.Nodes.Count(n => n.OpType == "GroupQueryAttention" && n.IntAttribute("do_rotary") == 1));
    }

    /// <summary>Compiles, and compares with the original on prompts, steps and what comes between: every place, those of padded queries too.</summary>
    private static CompilationResult CompileAndCompare(Model model, ImmutableArray<InputContract> contracts, bool isPadded = true)
    {
        byte[] bytes = ModelWriter.ToBytes(model);
        CompilationResult result = new ModelCompiler(new CompilerOptions { Contracts = contracts, Providers = ["WebGpu"] }, new InProcessRunner()).Compile(ModelReader.Read(bytes));
        Model compiled = ModelReader.Read(ModelWriter.ToBytes(result.Model));
        foreach ((int batch, int tokens, int past) in new[] { (3, 6, 0), (1, 4, 3), (2, 1, 5), (1, 1, 0) })
        {
            Dictionary<string, Tensor> inputs = Draw(model.Graph, batch, tokens, past, isPadded && past == 0);
            Assert.InRange(Agreement.Error(Agreement.Run(ModelReader.Read(bytes), inputs), Agreement.Run(compiled, inputs)), 0, 1e-5);
        }

        return result;
    }

    private static Dictionary<string, Tensor> Draw(Graph graph, int batch, int tokens, int past, bool isPadded)
    {
        var random = new Random(7);
        var sizes = new Dictionary<string, long> { ["batch"] = batch, ["tokens"] = tokens, ["past"] = past, ["total"] = past + tokens };
        return graph.Inputs.ToDictionary(i => i.Name, i =>
        {
            long[] shape = [.. i.Shape!.Select(d => d.TryGetValue(out long size) ? size : sizes[d.Symbol!])];
            int count = (int)shape.Aggregate(1L, (a, b) => a * b);
            long[] Long(Func<int, long> value) => [.. Enumerable.Range(0, count).Select(value)];
            int total = past + tokens;
            return i.Name switch
            {
                // Row 0 is whole, the others lose a token each.
                "attention_mask" or "other_mask" => Tensor.Create<long>(ElementType.Int64, shape, Long(n => isPadded && n % total >= Math.Max(1, total - (n / total)) ? 0 : 1)),
                "position_ids" => Tensor.Create<long>(ElementType.Int64, shape, Long(n => past + (n % tokens))),
                _ => Tensor.Create<float>(ElementType.Float, shape, [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)]),
            };
        });
    }

    /// <summary>One layer: projections, rotations by position, attention over the past.</summary>
    private static Model Decoder(Func<Graph, Value?> mask, long size = 16, bool isCausal = false, bool table = false, Func<Graph, Value>? stretch = null) => Model(23, g =>
    {
        Value x = g.Input("batch", "tokens", "24");
        g.AddInput("attention_mask", Integers("batch", "total"));
        Value positions = g.AddInput("position_ids", Integers("batch", "tokens"));
        Value pastKey = g.NamedInput("past_key", "batch", KeyHeads, "past", size);
        Value pastValue = g.NamedInput("past_value", "batch", KeyHeads, "past", size);

        (Value cos, Value sin) = table ? (Look("cos"), Look("sine")) : Angles();
        Value Turn(Value heads, long count) => g.Op("RotaryEmbedding", Int("num_heads", count), heads, cos, sin);
        Value q = Turn(g.Linear(x, "wq", 24, Heads * size), Heads);
        Value k = Turn(g.Linear(x, "wk2", 24, KeyHeads * size), KeyHeads);
        Value v = g.Linear(x, "wv33", 24, KeyHeads * size);
        Node attention = g.AddNode("Attention", [q, k, v, mask(g), pastKey, pastValue]);
        attention.SetAttribute(Int("q_num_heads", Heads));
        attention.SetAttribute(Int("kv_num_heads", KeyHeads));
        if (isCausal)
            attention.SetAttribute(Int("is_causal", 1));
        attention.SetOutput(0, g.AddValue("attended"));
        attention.SetOutput(1, g.AddValue("present_key"));
        attention.SetOutput(2, g.AddValue("present_value"));
        g.AddOutput(attention.Outputs[1]!);
        g.AddOutput(attention.Outputs[2]!);
        return g.Op("Relu", attention.Outputs[0]!);

        Value Look(string name) => g.Op("Gather", g.Small(name, 32, size / 2), positions);

        (Value, Value) Angles()
        {
            Value frequencies = g.AddInitializer("frequencies", Tensor.Create<float>(ElementType.Float, [1, size / 2, 1], [.. Enumerable.Range(0, (int)size / 2).Select(i => MathF.Pow(100, -i))]));
            Value places = Cast(g, g.Op("Unsqueeze", positions, g.Ints(1)), ElementType.Float);
            Value angles = g.Op("Transpose", IntList("perm", 0, 2, 1), g.Op("MatMul", frequencies, stretch is null ? places : g.Op("Mul", places, stretch(g))));
            return (g.Op("Cos", angles), g.Op("Sin", angles));
        }
    });

    private static TensorType Integers(params string[] symbols) => new(ElementType.Int64, new Shape(symbols.Select(Dimension.OfSymbol)));

    private static Value Cast(Graph g, Value x, ElementType type) => g.Op("Cast", Int("to", (long)type), x);

    private static Value Long(Graph g, long number) => g.AddInitializer("n", Tensor.Create<long>(ElementType.Int64, [], [number]));

    /// <summary>[batch, 1, 1, total].</summary>
    private static Value Mask(Graph g) => g.Op("Unsqueeze", g.Inputs.Single(i => i.Name == "attention_mask"), g.Ints(1, 2));

    private static Value Padded(Graph g) => g.Op("Equal", Mask(g), Long(g, 0));

    private static Value Choose(Graph g, Value forbidden) => g.Op("Where", forbidden, g.Scalar(Low), g.Scalar(0));

    private static Value Size(Graph g, string input, long axis) => g.Op("Gather", g.Op("Shape", g.Inputs.Single(i => i.Name == input)), Long(g, axis));

    private static Value Past(Graph g) => Size(g, "past_key", 2);

    private static Value Total(Graph g) => g.Op("Add", Past(g), Size(g, "x", 1));

    /// <summary>The place of each key: [total].</summary>
    private static Value Keys(Graph g) => g.Op("Range", Long(g, 0), Total(g), Long(g, 1));

    /// <summary>The place of each query among the keys: [tokens, 1].</summary>
    private static Value Rows(Graph g) => g.Op("Unsqueeze", g.Op("Add", g.Op("Range", Long(g, 0), Size(g, "x", 1), Long(g, 1)), Past(g)), g.Ints(1));

    /// <summary>[tokens, total].</summary>
    private static Value Future(Graph g) => g.Op("Greater", Keys(g), Rows(g));

    /// <summary>[1, 1, tokens, total].</summary>
    private static Value Sizes(Graph g) => g.Op("Concat", Int("axis", 0), g.Ints(1, 1), g.Op("Unsqueeze", Size(g, "x", 1), g.Ints(0)), g.Op("Unsqueeze", Total(g), g.Ints(0)));

    /// <summary>A low number on one side of a diagonal of [tokens, total].</summary>
    private static Value Triangle(Graph g, Value diagonal, long upper) => g.Op("Trilu", Int("upper", upper), g.Op("Expand", g.Scalar(Low), Sizes(g)), diagonal);
}
