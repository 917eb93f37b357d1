using System.Collections.Immutable;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Compiler.Tests.Verification;

/// <summary>Real models, and wrong rewrites of them.</summary>
public sealed class VerifierTests : IDisposable
{
    private static readonly Verifier _verifier = new(new InProcessRunner());
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SharedModelTheory]
    [InlineData("digits/digits-cnn.onnx")]
    [InlineData("transformers/bert-tiny.onnx")]
    [InlineData("speech/silero-vad-v5.onnx")]
    [InlineData("ocr/ppocr-v2-cls.onnx")]
    public void A_weight_that_changed_is_found(string name)
    {
        VerificationResult result = Verify(name, PerturbWeight);

        Assert.Equal(VerificationOutcome.Failed, result.Outcome);
        Assert.Equal("OPT2001", result.Failure!.Code);
        Assert.Contains("differs (error ", result.Failure.Message, StringComparison.Ordinal);
        Assert.False(result.Worst!.Agrees);
        Assert.True(result.Error > 1e-4);
        Assert.Null(result.FailingPass);
    }

    [SharedModelTheory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(6)]
    public void The_pass_behind_a_difference_is_named(int wrong)
    {
        string path = SharedModels.Path("transformers/llama-tiny.onnx");
        string[] names = [.. Enumerable.Range(0, 7).Select(i => i == wrong ? "Wrong" : $"Harmless{i}")];
        var tried = new List<int>();
        Model ModelAfter(int passes)
        {
            tried.Add(passes);
            Model model = ModelReader.Read(path);
            for (int i = 0; i < passes; i++)
                (i == wrong ? (Action<Model>)PerturbWeight : RenameNodes)(model);
            return model;
        }

        using (Model compiled = ModelAfter(7))
            ModelWriter.Write(compiled, _folder["compiled.onnx"]);
        VerificationResult result = _verifier.Verify(path, _folder["compiled.onnx"], history: new PassHistory(names, ModelAfter));

        Assert.Equal("Wrong", result.FailingPass);
        Assert.Contains("the difference appears in the pass Wrong", result.Failure!.Message, StringComparison.Ordinal);
        Assert.InRange(tried.Count, 4, 6);
    }

    [SharedModelFact]
    public void A_rewrite_that_no_pass_made_is_blamed_on_none()
    {
        string path = SharedModels.Path("digits/digits-cnn.onnx");
        VerificationResult result = Verify("digits/digits-cnn.onnx", PerturbWeight, new PassHistory(["A", "B"], _ => ModelReader.Read(path)));

        Assert.Equal(VerificationOutcome.Failed, result.Outcome);
        Assert.Null(result.FailingPass);
    }

    [SharedModelFact]
    public void A_model_that_ignores_its_mask_is_found_by_masks_that_mask()
    {
        VerificationResult result = Verify("transformers/bert-tiny.onnx", model =>
        {
            Value mask = model.Graph.Inputs.Single(i => i.Name == "attention_mask");
            Value one = model.Graph.AddInitializer("one", Tensor.Create<long>(ElementType.Int64, [], [1]));
            Redirect(mask, model.Graph.Apply("Max", [mask, one], "ones", before: model.Graph.First));
        });

        Assert.Equal(VerificationOutcome.Failed, result.Outcome);
        Assert.All(result.Inputs, i => Assert.Equal(i.Kind.Contains("mask ones", StringComparison.Ordinal), i.Agrees));
        foreach (string kind in new[] { "mask ones", "mask right-padded", "mask left-padded", "mask scattered" })
            Assert.Contains(result.Inputs, i => i.Kind.Contains(kind, StringComparison.Ordinal));
    }

    [SharedModelFact]
    public void A_model_that_counts_its_positions_itself_is_found_by_positions_in_another_order()
    {
        VerificationResult result = Verify("transformers/llama-tiny.onnx", model =>
        {
            // The first position and the index within the row.
            Graph graph = model.Graph;
            Value positions = graph.Inputs.Single(i => i.Name == "position_ids");
            Node first = graph.First!;
            Value Constant(string name, params long[] values) => graph.AddInitializer(name, Tensor.OfInt64(values));
            Value ones = graph.Apply("Add", [graph.Apply("Sub", [positions, positions], "zeros", before: first), Constant("one", 1)], "ones", before: first);
            Value axis = graph.AddInitializer("axis", Tensor.Create<long>(ElementType.Int64, [], [1]));
            Value counted = graph.Apply("Sub", [graph.Apply("CumSum", [ones, axis], "counted", before: first), Constant("one_", 1)], "index", before: first);
            Value start = graph.Apply("Slice", [positions, Constant("from", 0), Constant("to", 1), Constant("along", 1)], "start", before: first);
            Redirect(positions, graph.Apply("Add", [counted, start], "consecutive", before: first), except: "zeros");
        });

        Assert.Equal(VerificationOutcome.Failed, result.Outcome);
        Assert.All(result.Inputs, i => Assert.Equal(i.Kind.Contains("positions consecutive", StringComparison.Ordinal), i.Agrees));
    }

    [SharedModelFact]
    public void Promises_bound_what_is_drawn_and_what_is_compared()
    {
        // Doubles the embedding of every padded token: the original's own result is kept where the mask is 1.
        void ChangePadding(Model model)
        {
            Graph graph = model.Graph;
            Value mask = graph.Inputs.Single(i => i.Name == "attention_mask");
            Value ids = graph.Inputs.Single(i => i.Name == "input_ids");
            Node first = graph.First!;
            Value Constant(string name, params long[] values) => graph.AddInitializer(name, Tensor.OfInt64(values));
            Value length = graph.Apply("Shape", [ids], "length", [new IntAttribute("start", 1), new IntAttribute("end", 2)], before: first);
            Value last = graph.Apply("Slice", [mask, graph.Apply("Neg", [length], "from", before: first), Constant("to", long.MaxValue), Constant("along", 1)], "last", before: first);
            Redirect(ids, graph.Apply("Mul", [ids, last], "unpadded", before: first), except: "length");
        }

        VerificationOptions promised = new()
        {
            Contracts = [new Manifest.InputContract("attention_mask", Manifest.InputContract.RightPadded), new Manifest.InputContract("position_ids", Manifest.InputContract.Consecutive)],
        };
        VerificationResult result = Verify("transformers/llama-tiny.onnx", ChangePadding, options: promised);

        Assert.Equal(VerificationOutcome.Passed, result.Outcome);
        Assert.Contains(result.Inputs, i => i.Kind.Contains("mask right-padded", StringComparison.Ordinal));
        Assert.Contains(result.Inputs, i => i.Sizes["past_sequence_length"] > 1 && i.Sizes["sequence_length"] > 1 && i.Sizes["batch_size"] == 1);
        Assert.Contains(result.Inputs, i => i.Sizes["past_sequence_length"] > 1 && i.Sizes["sequence_length"] == 1 && i.Sizes["batch_size"] > 1);
        Assert.DoesNotContain(result.Inputs, i => i.Sizes["past_sequence_length"] > 0 && i.Sizes["sequence_length"] > 1 && i.Sizes["batch_size"] > 1);
        foreach (string kind in new[] { "mask left-padded", "mask scattered", "positions scattered" })
            Assert.DoesNotContain(result.Inputs, i => i.Kind.Contains(kind, StringComparison.Ordinal));
        Assert.Equal(VerificationOutcome.Failed, Verify("transformers/llama-tiny.onnx", ChangePadding).Outcome);
    }

    [SharedModelFact]
    public void A_model_that_is_right_only_without_a_past_is_found()
    {
        VerificationResult result = Verify("transformers/gpt2-tiny.onnx", model =>
        {
            Value past = model.Graph.Inputs.First(i => i.Name.Contains("past", StringComparison.Ordinal));
            Value two = model.Graph.AddInitializer("two", Tensor.OfFloat(2));
            Redirect(past, model.Graph.Apply("Mul", [past, two], "doubled", before: model.Graph.First));
        });

        Assert.All(result.Inputs, i => Assert.Equal(i.Sizes["past_sequence_length"] == 0, i.Agrees));
        Assert.Contains(result.Inputs, i => i.Agrees);
        Assert.Contains(result.Inputs, i => !i.Agrees);
    }

    [SharedModelFact]
    public void Every_symbol_has_several_sizes_and_one_among_them()
    {
        foreach (string name in new[] { "transformers/bert-tiny.onnx", "transformers/llama-tiny.onnx", "transformers/gpt2-tiny.onnx", "ocr/ppocr-v4-rec.onnx" })
        {
            VerificationResult result = Verify(name, _ => { });

            foreach (string symbol in result.Inputs[0].Sizes.Keys.Where(s => !s.StartsWith("total", StringComparison.Ordinal)))
            {
                IEnumerable<long> sizes = result.Inputs.Select(i => i.Sizes[symbol]).Distinct();
                Assert.Contains(1, sizes);
                Assert.True(sizes.Count() >= 3, $"{symbol} of {name}");
            }
        }
    }

    [SharedModelFact]
    public void Sizes_that_are_fixed_in_the_compiled_model_are_drawn()
    {
        VerificationResult byModel = Verify("transformers/bert-tiny.onnx", model =>
        {
            foreach (Value input in model.Graph.Inputs)
                input.Type = new TensorType(input.ElementType, new Shape(Dimension.Of(1), input.Shape![1]));
        });
        VerificationResult byOption = _verifier.Verify(
            SharedModels.Path("transformers/bert-tiny.onnx"), SharedModels.Path("transformers/bert-tiny.onnx"),
            new VerificationOptions { FixedDimensions = ImmutableSortedDictionary<string, long>.Empty.Add("batch_size", 4) });

        Assert.Equal(VerificationOutcome.Passed, byModel.Outcome);
        Assert.All(byModel.Inputs, i => Assert.Equal(1, i.Sizes["batch_size"]));
        Assert.All(byOption.Inputs, i => Assert.Equal(4, i.Sizes["batch_size"]));
    }

    [SharedModelFact]
    public void Both_branches_of_a_model_that_compares_its_input_are_taken()
    {
        VerificationResult result = Verify("speech/silero-vad-v5.onnx", _ => { });

        Assert.Equal(VerificationOutcome.Passed, result.Outcome);
        Assert.Contains(result.Inputs, i => i.Kind.Contains("other integers", StringComparison.Ordinal));
        Assert.Equal(2, result.Inputs.Select(i => i.Sizes["input?1"]).Distinct().Count());
    }

    [SharedModelFact]
    public void Outputs_of_another_name_fail_before_anything_runs()
    {
        VerificationResult result = Verify("digits/digits-cnn.onnx", model => model.Graph.Outputs[0].Name = "scores");

        Assert.Equal(VerificationOutcome.Failed, result.Outcome);
        Assert.StartsWith("The outputs are scores instead of logits.", result.Failure!.Message, StringComparison.Ordinal);
        Assert.Empty(result.Inputs);
    }

    [SharedModelFact]
    public void A_compiled_model_that_does_not_load_fails_and_its_pass_is_named()
    {
        string path = SharedModels.Path("digits/digits-cnn.onnx");
        Model ModelAfter(int passes)
        {
            Model model = ModelReader.Read(path);
            if (passes > 1)
                model.Graph.First!.OpType = "Convolve";
            return model;
        }

        using (Model compiled = ModelAfter(2))
            ModelWriter.Write(compiled, _folder["compiled.onnx"]);
        VerificationResult result = _verifier.Verify(path, _folder["compiled.onnx"], history: new PassHistory(["Harmless", "Misspell"], ModelAfter));

        Assert.Equal("Misspell", result.FailingPass);
        Assert.Contains("the compiled model does not load", result.Failure!.Message, StringComparison.Ordinal);
        Assert.Contains("Convolve", result.Failure.Message, StringComparison.Ordinal);
    }

    [SharedModelTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_the_runtime_does_to_the_original_too_is_no_fault_of_the_compiled_model(bool wrong)
    {
        // The runtime moves this model's padding into a pooling that cannot have it.
        VerificationResult result = Verify("fusion/fuse-pad-maxpool.onnx", model =>
        {
            if (wrong)
                model.Graph.Nodes.Single(n => n.OpType == "MaxPool").OpType = "AveragePool";
        });

        Assert.Equal(wrong ? VerificationOutcome.Failed : VerificationOutcome.Passed, result.Outcome);
        if (!wrong)
            Assert.Equal("OPT2009", Assert.Single(result.Warnings).Code);
    }

    [SharedModelFact]
    public void Inputs_that_are_given_are_the_only_ones()
    {
        string path = SharedModels.Path("digits/digits-cnn.onnx");
        var image = new Dictionary<string, Tensor> { ["image"] = Tensor.Create<float>(ElementType.Float, [1, 1, 8, 8], new float[64]) };
        var wrong = new Dictionary<string, Tensor> { ["image"] = Tensor.OfFloat(1) };

        VerificationResult result = _verifier.Verify(path, path, new VerificationOptions { Inputs = [image, image] });
        var e = Assert.Throws<CompilationException>(() => _verifier.Verify(path, path, new VerificationOptions { Inputs = [wrong] }));

        Assert.Equal(["given 1", "given 2"], result.Inputs.Select(i => i.Kind));
        Assert.Equal("OPT2003", e.Diagnostic.Code);
    }

    private static void PerturbWeight(Model model)
    {
        // In subgraphs too: a model may have all of its weights there.
        (Graph graph, Value weight) = model.Graph.AllNodes().SelectMany(n => n.Subgraphs).Prepend(model.Graph)
            .SelectMany(g => g.Initializers.Select(i => (g, i)))
            .Where(p => p.i.Initializer is { ElementType: ElementType.Float, Rank: > 1, ElementCount: > 64 })
            .FirstOrDefault();
        if (weight is null)
        {
            PerturbConstant(model);
            return;
        }

        graph.SetInitializer(weight, Perturb(weight.Initializer!));
    }

    private static void PerturbConstant(Model model)
    {
        Node node = model.Graph.AllNodes().First(n => n.Attribute("value") is TensorAttribute { Value: { ElementType: ElementType.Float, Rank: > 1, ElementCount: > 64 } });
        node.SetAttribute(new TensorAttribute("value", Perturb(((TensorAttribute)node.Attribute("value")!).Value)));
    }

    private static Tensor Perturb(Tensor tensor)
    {
        float[] values = tensor.Read<float>().ToArray();
        for (int i = 0; i < values.Length; i++)
            values[i] *= i % 2 == 0 ? 1.1f : 0.9f;
        return Tensor.Create<float>(ElementType.Float, [.. tensor.Dimensions], values);
    }

    private static void RenameNodes(Model model)
    {
        foreach (Node node in model.Graph.Nodes)
            node.Name += "_";
    }

    private static void Redirect(Value from, Value to, string? except = null)
    {
        foreach (Use use in from.Uses.ToArray())
        {
            if (use.Node != to.Producer && use.Node.Outputs[0]!.Name is var name && name != except && name != "start")
                use.Node.SetInput(use.Index, to);
        }
    }

    private VerificationResult Verify(string name, Action<Model> change, PassHistory? history = null, VerificationOptions? options = null)
    {
        string compiled = _folder["compiled.onnx"];
        using (Model model = ModelReader.Read(SharedModels.Path(name)))
        {
            change(model);
            ModelWriter.Write(model, compiled);
        }

        return _verifier.Verify(SharedModels.Path(name), compiled, options, history);
    }
}
