using OptimizeTasks.Benchmarks.Architectures;
using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Execution.Tests;

/// <summary>The models that benchmarks build are what their names say, spelled as exporters spell them, and ONNX Runtime runs them.</summary>
public class ArchitectureTests
{
    private static readonly Bert s_bert = new(Layers: 2, Hidden: 32, Heads: 4, Inner: 64, Words: 100, Positions: 16);

    /// <summary>Every architecture, small.</summary>
    private static readonly Dictionary<string, Func<Model>> s_small = new()
    {
        ["bert"] = s_bert.Build,
        ["bert-opset14"] = (s_bert with { Opset = 14 }).Build,
        ["gpt2"] = new Gpt2(Layers: 2, Hidden: 32, Heads: 4, Words: 100, Positions: 64).Build,
        ["gpt2-without-past"] = new Gpt2(Layers: 2, Hidden: 32, Heads: 4, Words: 100, Positions: 64, Past: false).Build,
        ["llama"] = new Llama(Layers: 2, Hidden: 32, Heads: 4, KeyHeads: 2, Inner: 88, Words: 100).Build,
        ["vit"] = new VisionTransformer(Image: 32, Patch: 8, Layers: 2, Hidden: 32, Heads: 4, Inner: 64, Classes: 10).Build,
        ["swin"] = new Swin(Image: 76, Patch: 4, Hidden: 16, Depths: [2, 2], Heads: [2, 4], Window: 4, Classes: 10).Build,
        ["resnet"] = new ResNet(Image: 64, Width: 8, Depths: [1, 2, 1], Classes: 10).Build,
        ["mobilenet"] = new MobileNetV2(Image: 64, Width: 0.25, Classes: 10).Build,
        ["convnext"] = new ConvNeXt(Image: 64, Widths: [8, 16, 24], Depths: [1, 2, 1], Classes: 10).Build,
        ["densenet"] = new DenseNet(Image: 64, Growth: 8, Depths: [2, 3], Stem: 16, Classes: 10).Build,
    };

    /// <summary>The sizes of models that PyTorch's exporter wrote.</summary>
    private static readonly Dictionary<string, Func<Model>> s_exported = new()
    {
        ["transformers/bert-tiny.onnx"] = new Bert(Layers: 3, Hidden: 128, Heads: 4, Inner: 512, Words: 1000, Positions: 128).Build,
        ["transformers/bert-tiny-opset14.onnx"] = new Bert(Layers: 3, Hidden: 128, Heads: 4, Inner: 512, Words: 1000, Positions: 128, Opset: 14).Build,
        ["transformers/gpt2-tiny.onnx"] = new Gpt2(Layers: 3, Hidden: 128, Heads: 4, Words: 1000).Build,
        ["transformers/llama-tiny.onnx"] = new Llama(Layers: 2, Hidden: 128, Heads: 4, KeyHeads: 2, Inner: 352, Words: 1000).Build,
        ["vision/vit-tiny.onnx"] = new VisionTransformer(Image: 64, Patch: 8, Layers: 3, Hidden: 128, Heads: 4, Inner: 512, Classes: 10).Build,
        ["vision/swin-tiny.onnx"] = new Swin(Image: 64, Patch: 4, Hidden: 32, Depths: [2, 2], Heads: [2, 4], Window: 4, Classes: 10).Build,
        ["vision/mobilenet-v2-0.35.onnx"] = new MobileNetV2(Image: 96, Width: 0.35, Classes: 10).Build,
    };

    public static TheoryData<string> Small => [.. s_small.Keys];

    public static TheoryData<string> Exported => [.. s_exported.Keys];

    [SharedModelTheory]
    [MemberData(nameof(Exported))]
    public void A_model_has_the_operators_that_the_exporter_writes(string name)
    {
        using Model exported = ModelReader.Read(SharedModels.Path(name));
        using Model built = s_exported[name]();
        Assert.Equal(Operators(exported), Operators(built));
        Assert.Equal(Parameters(exported), Parameters(built));
    }

    [Theory]
    [MemberData(nameof(Small))]
    public void A_compiled_model_computes_what_its_original_does(string name)
    {
        using var folder = new TemporaryFolder();
        using (Model model = s_small[name]())
            ModelWriter.Write(model, folder["original.onnx"]);
        var runner = new InProcessRunner();
        var compiler = new ModelCompiler(new CompilerOptions(), runner);
        CompilationResult result = compiler.Compile(folder["original.onnx"]);
        using (result.Model)
            ModelWriter.Write(result.Model, folder["compiled.onnx"]);

        VerificationResult verified = new Verifier(runner).Verify(folder["original.onnx"], folder["compiled.onnx"], new VerificationOptions { Tolerance = 1e-5 }, compiler.HistoryOf(result));
        Assert.True(verified.Outcome == VerificationOutcome.Passed, verified.Failure?.Message);
        Assert.Empty(verified.Warnings);
        Assert.NotEmpty(verified.Inputs);
    }

    /// <summary>Neither drowned nor grown through the layers, and not the same everywhere.</summary>
    [Theory]
    [MemberData(nameof(Small))]
    public void Outputs_are_of_a_plausible_size(string name)
    {
        using Model model = s_small[name]();
        float[] values = Run(model)[model.Graph.Outputs[0].Name].Read<float>().ToArray();
        double deviation = Math.Sqrt(values.Sum(v => (double)v * v) / values.Length);
        Assert.InRange(deviation, 0.05, 20);
        Assert.True(values.Distinct().Count() > values.Length / 2);
    }

    private static List<string> Operators(Model model) => [.. model.Graph.Nodes.GroupBy(n => n.OpType).Select(g => $"{g.Key} {g.Count()}").Order(StringComparer.Ordinal)];

    /// <summary>The sizes of all weights.</summary>
    private static List<string> Parameters(Model model) => [.. model.Graph.Initializers.Select(v => v.Constant!.ToString()).Order(StringComparer.Ordinal)];

    [Fact]
    public void Both_spellings_of_BERT_compute_the_same()
    {
        IReadOnlyDictionary<string, Tensor> one = Run(s_bert.Build());
        IReadOnlyDictionary<string, Tensor> other = Run((s_bert with { Opset = 14 }).Build());

        Assert.Equal("Float[2, 5, 32]", one["last_hidden_state"].ToString());
        Assert.Equal("Float[2, 32]", one["pooler_output"].ToString());
        foreach ((string name, Tensor tensor) in one)
        {
            float[] expected = tensor.Read<float>().ToArray();
            Assert.True(expected.Max() - expected.Min() > 0.1);
            Assert.All(expected.Zip(other[name].Read<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        }
    }

    /// <summary>Nodes as published figures of other optimisers were measured on them; parameters as the papers have them, in millions.</summary>
    [Theory]
    [InlineData("bert-base", 1144, 109)]
    [InlineData("gpt2", 2767, 163)]
    [InlineData("vit-b16", 2068, 86.5)]
    [InlineData("swin-t", 6285, 28.5)]
    [InlineData("llama-1b", 0, 1100)]
    [InlineData("resnet50", 0, 25.5)]
    [InlineData("mobilenet-v2", 0, 3.5)]
    [InlineData("convnext-t", 0, 28.5)]
    [InlineData("densenet121", 0, 8)]
    public void A_model_has_the_size_of_its_name(string name, int nodes, double parameters)
    {
        using Model model = Catalogue.All[name]();
        if (nodes > 0)
            Assert.Equal(nodes, model.Graph.NodeCount);
        double millions = model.Graph.Initializers.Select(v => v.Constant!).Where(t => t.ElementType == ElementType.Float).Sum(t => t.ElementCount) / 1e6;
        Assert.Equal(parameters, millions, parameters * 0.02);
    }

    private static IReadOnlyDictionary<string, Tensor> Run(Model model)
    {
        Dictionary<string, long> sizes = new() { ["batch"] = 2, ["batch_size"] = 2, ["sequence_length"] = 5, ["past_sequence_length"] = 0, ["total_sequence_length"] = 5 };
        return new InProcessRunner().Run(model, model.Graph.Inputs.ToDictionary(i => i.Name, i => Draw(i, sizes)), RunLimits.Default, CancellationToken.None);
    }

    private static Tensor Draw(Value input, Dictionary<string, long> symbols)
    {
        var type = (TensorType)input.Type!;
        Assert.True(type.Shape!.Substitute(s => Dimension.Of(symbols[s])).TryGetSizes(out long[] sizes));
        int count = (int)sizes.Aggregate(1L, (a, b) => a * b);
        var random = new Random(1);
        if (type.ElementType == ElementType.Float)
            return Tensor.Create<float>(ElementType.Float, sizes, [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)]);
        return Tensor.Create<long>(ElementType.Int64, sizes, [.. Enumerable.Range(0, count).Select(i => input.Name switch
        {
            "attention_mask" => 1L,
            "position_ids" => i % sizes[1],
            "token_type_ids" => i % 2,
            _ => random.Next(100),
        })]);
    }
}
