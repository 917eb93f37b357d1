using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Compiler.Tests.Verification;

/// <summary>Models made for one question each.</summary>
public sealed class SmallModelVerificationTests : IDisposable
{
    private static readonly Verifier _verifier = new(new InProcessRunner());
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ArgMax", false)]
    [InlineData("ArgMin", false)]
    [InlineData("TopK", false)]
    [InlineData("ArgMax", true)]
    [InlineData("ArgMin", true)]
    [InlineData("TopK", true)]
    public void Another_pick_agrees_only_where_both_are_equal(string pick, bool tie)
    {
        // Every row twice, one after the other: the compiled model picks from the second half first.
        void Build(Graph graph, bool compiled)
        {
            Value x = graph.AddInput("x", Floats(Dimension.OfSymbol("batch"), Dimension.Of(8)));
            Value noise = tie ? x : graph.Apply("Add", [x, graph.AddInitializer("half", Tensor.OfFloat(0.5f))], "louder");
            Value picked = Pick(graph, pick, graph.Apply("Concat", [x, noise], "twice", [new IntAttribute("axis", 1)]));
            if (compiled)
            {
                Value other = graph.Apply("Add", [picked, graph.AddInitializer("eight", Tensor.OfInt64(8))], "other");
                picked = graph.Apply("Mod", [other, graph.AddInitializer("sixteen", Tensor.OfInt64(16))], "y");
            }
            else
            {
                picked = graph.Apply("Identity", [picked], "y");
            }

            Output(graph, picked, ElementType.Int64);
        }

        VerificationResult result = Verify(Build);

        Assert.Equal(tie ? VerificationOutcome.Passed : VerificationOutcome.Failed, result.Outcome);
        if (!tie)
            Assert.Contains($"({pick} picks other values, too)", result.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Boxes_of_equal_score_may_be_picked_for_each_other()
    {
        void Build(Graph graph, bool compiled, float lastScore)
        {
            Value boxes = graph.AddInitializer("boxes", Tensor.Create<float>(ElementType.Float, [1, 3, 4], [0, 0, 1, 1, 5, 5, 6, 6, 9, 9, 10, 10]));
            Value scores = graph.AddInput("scores", Floats(1, 1, 3));
            // The drawn scores do not matter: the last two boxes have the scores that the test wants.
            Value zero = graph.Apply("Mul", [scores, graph.AddInitializer("nothing", Tensor.OfFloat(0))], "zero");
            Value fixedScores = graph.Apply("Add", [zero, graph.AddInitializer("given", Tensor.Create<float>(ElementType.Float, [1, 1, 3], [0.1f, 0.9f, lastScore]))], "fixed");
            Value y = graph.Apply("NonMaxSuppression", [boxes, fixedScores, graph.AddInitializer("most", Tensor.OfInt64(1))], compiled ? "picked" : "y");
            if (compiled)
                y = graph.Apply("Add", [y, graph.AddInitializer("next", Tensor.OfInt64(0, 0, 1))], "y");
            Output(graph, y, ElementType.Int64);
        }

        Assert.Equal(VerificationOutcome.Passed, Verify((g, c) => Build(g, c, 0.9f)).Outcome);
        Assert.Equal(VerificationOutcome.Failed, Verify((g, c) => Build(g, c, 0.8f)).Outcome);
    }

    [Fact]
    public void Random_outputs_are_left_out_and_named()
    {
        VerificationResult result = Verify((graph, compiled) =>
        {
            Value x = graph.AddInput("x", Floats(4));
            Value noise = graph.Apply("RandomNormalLike", [x], "noise");
            Output(graph, graph.Apply("Add", [x, noise], "noisy"));
            Output(graph, graph.Apply("Neg", [x], "exact"));
        });

        Assert.Equal(VerificationOutcome.Passed, result.Outcome);
        Assert.All(result.Inputs, i => Assert.Equal(["exact"], i.Outputs.Select(o => o.Output)));
        Diagnostic warning = Assert.Single(result.Warnings);
        Assert.Equal("OPT2002", warning.Code);
        Assert.Contains("'noisy' depends on RandomNormalLike", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_compared_where_all_outputs_are_random()
    {
        VerificationResult result = Verify((graph, compiled) =>
        {
            Value x = graph.AddInput("x", Floats(4));
            Value branch = RandomBranch(graph, x);
            Output(graph, branch);
        });

        Assert.Equal(VerificationOutcome.Skipped, result.Outcome);
        Assert.Contains("'y' depends on RandomUniform", Assert.Single(result.Warnings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Outputs_that_are_no_tensors_are_left_out_and_named()
    {
        VerificationResult result = Verify((graph, compiled) =>
        {
            Value x = graph.AddInput("x", Floats(4));
            Value parts = graph.Apply("SplitToSequence", [x], "parts");
            parts.Type = new SequenceType(new TensorType(ElementType.Float));
            graph.AddOutput(parts);
            Output(graph, graph.Apply("Neg", [x], "y"));
        });

        Assert.Equal(VerificationOutcome.Passed, result.Outcome);
        Assert.Contains("'parts' is no tensor", Assert.Single(result.Warnings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Inputs_that_are_no_tensors_skip_the_verification()
    {
        VerificationResult result = Verify((graph, compiled) =>
        {
            Value s = graph.AddInput("s", new SequenceType(new TensorType(ElementType.Float)));
            Output(graph, graph.Apply("ConcatFromSequence", [s], "y", [new IntAttribute("axis", 0)]));
        });

        Assert.Equal(VerificationOutcome.Skipped, result.Outcome);
        Assert.Contains("the input 's' is no tensor of known rank", Assert.Single(result.Warnings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Operators_of_an_unknown_library_skip_the_verification()
    {
        VerificationResult result = Verify((graph, compiled) =>
            Output(graph, graph.Apply("Wavelet", [graph.AddInput("x", Floats(4))], "y", domain: "my.company")), domain: "my.company");

        Assert.Equal(VerificationOutcome.Skipped, result.Outcome);
        Assert.Contains("my.company.Wavelet", Assert.Single(result.Warnings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_original_that_does_not_load_is_an_error()
    {
        var e = Assert.Throws<CompilationException>(() => Verify((graph, compiled) => Output(graph, graph.Apply("NoSuchOperator", [graph.AddInput("x", Floats(4))], "y"))));

        Assert.Equal("OPT1008", e.Diagnostic.Code);
        Assert.Contains("NoSuchOperator", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_original_that_takes_none_of_the_inputs_skips_the_verification_with_its_words()
    {
        VerificationResult result = Verify((graph, compiled) =>
        {
            Value x = graph.AddInput("x", Floats(Dimension.OfSymbol("n")));
            Output(graph, graph.Apply("Reshape", [x, graph.AddInitializer("shape", Tensor.OfInt64(12345))], "y"));
        });

        Assert.Equal(VerificationOutcome.Skipped, result.Outcome);
        Assert.Contains("runs on none of the inputs", Assert.Single(result.Warnings).Message, StringComparison.Ordinal);
        Assert.Contains("12345", result.Warnings[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Outputs_without_any_number_are_said_to_prove_nothing()
    {
        VerificationResult result = Verify((graph, compiled) =>
        {
            Value x = graph.AddInput("x", Floats(4));
            Output(graph, graph.Apply("Sqrt", [graph.Apply("Sub", [graph.Apply("Mul", [x, graph.AddInitializer("zero", Tensor.OfFloat(0))], "zeros"), graph.AddInitializer("one", Tensor.OfFloat(1))], "minus")], "y"));
        });

        Assert.Equal(VerificationOutcome.Passed, result.Outcome);
        Assert.Contains("no finite number for 'y'", Assert.Single(result.Warnings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_compiled_model_that_hangs_fails()
    {
        var options = new VerificationOptions { Limits = RunLimits.Default with { Time = TimeSpan.FromSeconds(1) } };
        VerificationResult result = Verify(
            (graph, compiled) =>
            {
                Value x = graph.AddInput("x", Floats(ReadOnlySpan<long>.Empty));
                Output(graph, compiled ? EndlessLoop(graph, x) : graph.Apply("Neg", [x], "y"));
            },
            options);

        Assert.Equal(VerificationOutcome.Failed, result.Outcome);
        Assert.Contains("the compiled model does not run: The run took longer than 1 s.", result.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_original_that_hangs_is_an_error()
    {
        var options = new VerificationOptions { Limits = RunLimits.Default with { Time = TimeSpan.FromSeconds(0.5) } };

        var e = Assert.Throws<CompilationException>(() => Verify((graph, compiled) => Output(graph, EndlessLoop(graph, graph.AddInput("x", Floats(ReadOnlySpan<long>.Empty)))), options));

        Assert.Equal("OPT2003", e.Diagnostic.Code);
    }

    [Fact]
    public void Half_precision_is_allowed_its_own_rounding_and_no_more()
    {
        VerificationResult Shifted(float factor) => Verify((graph, compiled) =>
        {
            Value x = graph.AddInput("x", new TensorType(ElementType.Float16, Shape.Of(64)));
            Value scale = graph.AddInitializer("scale", Tensor.Create(ElementType.Float16, [], [(Half)(compiled ? factor : 1)]));
            Output(graph, graph.Apply("Mul", [x, scale], "y"), ElementType.Float16);
        });

        Assert.Equal(VerificationOutcome.Passed, Shifted(1.001f).Outcome);
        Assert.Equal(VerificationOutcome.Failed, Shifted(1.01f).Outcome);
    }

    [Fact]
    public void Inputs_of_absurd_size_skip_the_verification()
    {
        VerificationResult result = Verify((graph, compiled) => Output(graph, graph.Apply("Neg", [graph.AddInput("x", Floats(1L << 40, 1L << 40))], "y")));

        Assert.Equal(VerificationOutcome.Skipped, result.Outcome);
        Assert.Contains("its inputs are too large", Assert.Single(result.Warnings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Inputs_that_take_too_much_memory_are_not_drawn()
    {
        VerificationResult result = Verify((graph, compiled) => Output(graph, graph.Apply("Neg", [graph.AddInput("x", Floats(1L << 30))], "y")));

        Assert.Equal(VerificationOutcome.Skipped, result.Outcome);
        Assert.Contains("its inputs are too large: 4.3 GB, and what is drawn may take 1.1 GB", Assert.Single(result.Warnings).Message, StringComparison.Ordinal);
    }

    /// <summary>Two of these are more than a guess may lead to, and there is no smaller one.</summary>
    [Fact]
    public void The_smallest_sizes_are_drawn_where_others_would_take_too_long()
    {
        VerificationResult result = Verify((graph, compiled) => Output(graph, graph.Apply("Neg", [graph.AddInput("x", Floats(Dimension.OfSymbol("batch"), Dimension.Of(9 << 20)))], "y")));

        Assert.Equal(VerificationOutcome.Passed, result.Outcome);
        Assert.All(result.Inputs, i => Assert.Equal(1, i.Sizes["batch"]));
    }

    [Fact]
    public void All_inputs_together_take_no_more_memory_than_they_may()
    {
        int Count(long bytes) => Verify((graph, compiled) => Output(graph, graph.Apply("Neg", [graph.AddInput("x", Floats(1000))], "y")), new VerificationOptions { MemoryBytes = bytes }).Inputs.Length;

        Assert.Equal(2, Count(16_000));
        Assert.Equal(1, Count(15_999));
        Assert.Equal(1, Count(4_000));
        Assert.Equal(0, Count(3_999));
    }

    [Fact]
    public void Overridable_initializers_keep_their_value()
    {
        VerificationResult result = Verify((graph, compiled) =>
        {
            Value x = graph.AddInput("x", Floats(4));
            Value scale = graph.AddInput("scale", Floats(ReadOnlySpan<long>.Empty));
            graph.SetInitializer(scale, Tensor.OfFloat(2));
            Output(graph, graph.Apply("Mul", [x, scale], "y"));
        });

        Assert.Equal(VerificationOutcome.Passed, result.Outcome);
        Assert.NotEmpty(result.Inputs);
    }

    [Fact]
    public void Cancellation_ends_the_comparison()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => Verify((g, _) => Output(g, g.Apply("Neg", [g.AddInput("x", Floats(4))], "y")), cancellationToken: cancellation.Token));
    }

    private static Value Pick(Graph graph, string pick, Value from)
    {
        if (pick != "TopK")
            return graph.Apply(pick, [from], "picked", [new IntAttribute("axis", 1)]);
        Node node = graph.AddNode("TopK", [from, graph.AddInitializer("k", Tensor.OfInt64(1))]);
        node.SetOutput(0, graph.AddValue("values"));
        node.SetOutput(1, graph.AddValue("picked"));
        return node.Outputs[1]!;
    }

    private static Value RandomBranch(Graph graph, Value x)
    {
        Value condition = graph.AddInitializer("condition", Tensor.Create<bool>(ElementType.Bool, [], [true]));
        var attributes = new List<NodeAttribute>();
        foreach (string name in new[] { "then_branch", "else_branch" })
        {
            var branch = new Graph(name, graph);
            Value noise = branch.Apply("RandomUniform", [], "noise_" + name, [new IntsAttribute("shape", [4])]);
            Value sum = branch.Apply("Add", [x, noise], "sum_" + name);
            sum.Type = Floats(4);
            branch.AddOutput(sum);
            attributes.Add(new GraphAttribute(name, branch));
        }

        return graph.Apply("If", [condition], "y", attributes);
    }

    private static Value EndlessLoop(Graph graph, Value x)
    {
        var body = new Graph("body", graph);
        body.AddInput("i", new TensorType(ElementType.Int64, Shape.Scalar));
        Value condition = body.AddInput("c", new TensorType(ElementType.Bool, Shape.Scalar));
        Value value = body.AddInput("v", Floats(ReadOnlySpan<long>.Empty));
        Value next = body.Apply("Identity", [condition], "c_out"), negative = body.Apply("Neg", [value], "v_out");
        next.Type = condition.Type;
        negative.Type = value.Type;
        body.AddOutput(next);
        body.AddOutput(negative);
        Value count = graph.AddInitializer("count", Tensor.Create<long>(ElementType.Int64, [], [long.MaxValue]));
        return graph.Apply("Loop", [count, null, x], "y", [new GraphAttribute("body", body)]);
    }

    private static TensorType Floats(params IEnumerable<Dimension> sizes) => new(ElementType.Float, new Shape(sizes));

    private static TensorType Floats(params ReadOnlySpan<long> sizes) => new(ElementType.Float, Shape.Of(sizes));

    private static void Output(Graph graph, Value value, ElementType type = ElementType.Float)
    {
        value.Type = new TensorType(type);
        graph.AddOutput(value);
    }

    private VerificationResult Verify(
        Action<Graph, bool> build, VerificationOptions? options = null, string? domain = null, CancellationToken cancellationToken = default)
    {
        foreach (bool compiled in new[] { false, true })
        {
            var model = new Model(new Graph("test")) { IrVersion = 10 };
            model.Opsets[""] = 21;
            if (domain is not null)
                model.Opsets[domain] = 1;
            build(model.Graph, compiled);
            ModelWriter.Write(model, _folder[compiled ? "compiled.onnx" : "original.onnx"], cancellationToken: CancellationToken.None);
        }

        return _verifier.Verify(_folder["original.onnx"], _folder["compiled.onnx"], options, cancellationToken: cancellationToken);
    }
}
