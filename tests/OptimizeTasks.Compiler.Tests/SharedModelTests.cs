using System.Collections.Immutable;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using Xunit.Abstractions;

namespace OptimizeTasks.Compiler.Tests;

public sealed class SharedModelTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>Fusion graphs that cannot be compared, and why.</summary>
    private static readonly Dictionary<string, string> s_incomparable = new()
    {
        ["bias_dropout_fusion1"] = "Dropout in training is random",
        ["bias_dropout_fusion_dim_is_param"] = "Dropout in training is random",
        ["bias_dropout_residual_fusion2"] = "Dropout in training is random",
        ["bias_dropout_same_shape_fusion"] = "Dropout in training is random",
        ["bitmask_dropout_replacement_basic"] = "Dropout in training is random",
        ["bitmask_bias_dropout_fusion_basic"] = "ONNX Runtime does not load it: an output of Dropout has another type",
        ["bitmask_bias_dropout_fusion_residual"] = "ONNX Runtime does not load it: an output of Dropout has another type",
        ["embed_layer_norm_format2"] = "its fixed input does not fit its table of positions",
        ["embed_layer_norm_format7_opset13"] = "its fixed input does not fit its table of positions",
        ["matmul_integer_to_float_large_tensor"] = "it has no outputs",
        ["reshape_fusion_concat_subgraph_mul"] = "its fixed input does not fit the target of its Reshape",
        ["reshape_fusion_concat_subgraph_not_triggered"] = "its fixed input does not fit the target of its Reshape",
        ["reshape_fusion_multiple_values_in_initializer_tensor_1"] = "its fixed input does not fit the target of its Reshape",
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Models => [.. SharedModels.All];

    public static TheoryData<string> FusionGraphs => [.. SharedModels.Fusion];

    public void Dispose() => _folder.Dispose();

    [SharedModelTheory]
    [MemberData(nameof(Models))]
    public void A_model_compiles_and_agrees_with_the_original(string name)
    {
        VerificationResult result = CompileAndVerify(name, new VerificationOptions { Tolerance = 1e-5, Inputs = name.StartsWith("speech/", StringComparison.Ordinal) ? Speech(name) : [] });

        Assert.Equal(VerificationOutcome.Passed, result.Outcome);
    }

    [SharedModelTheory]
    [MemberData(nameof(FusionGraphs))]
    public void A_fusion_graph_compiles_and_agrees_with_the_original(string name)
    {
        VerificationResult? result = null;
        try
        {
            result = CompileAndVerify(name, new VerificationOptions { Tolerance = 1e-5, CompiledSettings = SessionSettings.Unoptimized });
        }
        catch (CompilationException e) when (e.Diagnostic.Code == Diagnostics.ModelDoesNotLoad.Code)
        {
            output.WriteLine(e.Message);
        }

        bool isComparable = !s_incomparable.TryGetValue(Path.GetFileNameWithoutExtension(name), out string? reason);
        output.WriteLine(reason ?? "");
        Assert.Equal(isComparable, result is { Outcome: VerificationOutcome.Passed });
        Assert.NotEqual(VerificationOutcome.Failed, result?.Outcome);
    }

    /// <summary>What simplifying alone leaves of models as exporters write them.</summary>
    [SharedModelTheory]
    [InlineData("vision/swin-tiny.onnx", 157)]
    [InlineData("vision/vit-tiny.onnx", 124)]
    [InlineData("vision/shufflenet-v2-0.5.onnx", 173)]
    [InlineData("transformers/bert-tiny.onnx", 119)]
    [InlineData("transformers/gpt2-tiny.onnx", 143)]
    [InlineData("transformers/llama-tiny.onnx", 159)]
    public void Simplifying_leaves_few_nodes(string name, int most)
    {
        using CompilationResult result = new ModelCompiler(new CompilerOptions { Optimization = OptimizationLevel.Basic }, new InProcessRunner()).Compile(SharedModels.Path(name));

        Assert.InRange(result.NodesAfter, 1, most);
    }

    [SharedModelTheory]
    [InlineData("digits/digits-transformer.onnx")]
    [InlineData("ocr/ppocr-v2-cls.onnx")]
    public void A_compiled_model_has_no_weight_that_nothing_uses(string name)
    {
        using CompilationResult result = Compiler().Compile(SharedModels.Path(name));

        Assert.DoesNotContain(result.Model.Graph.Initializers, initializer => initializer.IsUnused);
    }

    [SharedModelTheory]
    [InlineData("transformers/bert-tiny.onnx")]
    [InlineData("ocr/ppocr-v2-cls.onnx")]
    [InlineData("speech/silero-vad-v5.onnx")]
    public void The_same_model_gives_the_same_bytes(string name)
    {
        byte[][] twice = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            using CompilationResult result = Compiler().Compile(SharedModels.Path(name));
            return ModelWriter.ToBytes(result.Model);
        })];

        Assert.Equal(twice[0], twice[1]);
    }

    /// <summary>A tone of 256 or 512 samples at both rates: Silero takes nothing else.</summary>
    private static ImmutableArray<IReadOnlyDictionary<string, Tensor>> Speech(string name)
    {
        using Model model = ModelReader.Read(SharedModels.Path(name));
        return [.. new[] { 8000L, 16000 }.Select(rate => new Dictionary<string, Tensor>(Agreement.Draw(model.Graph, 1))
        {
            ["input"] = Tensor.Create<float>(ElementType.Float, [1, rate * 32 / 1000], [.. Enumerable.Range(0, (int)rate * 32 / 1000).Select(i => MathF.Sin(i * 0.1f))]),
            ["sr"] = Tensor.Create<long>(ElementType.Int64, [], [rate]),
        })];
    }

    private ModelCompiler Compiler() => new(new CompilerOptions(), new InProcessRunner(), d => output.WriteLine(d.ToString()));

    private VerificationResult CompileAndVerify(string name, VerificationOptions options)
    {
        string path = SharedModels.Path(name);
        ModelCompiler compiler = Compiler();
        using CompilationResult result = compiler.Compile(path);
        ModelWriter.Write(result.Model, _folder["compiled.onnx"]);
        output.WriteLine($"{name}: {result.NodesBefore} -> {result.NodesAfter} nodes, {new FileInfo(path).Length} -> {new FileInfo(_folder["compiled.onnx"]).Length} bytes, opset {result.Model.Opset}; {string.Join(", ", result.Changes.Select(c => $"{c.Pass} {c.Changes}"))}");

        VerificationResult verified = new Verifier(new InProcessRunner())
            .Verify(path, _folder["compiled.onnx"], options, compiler.HistoryOf(result));
        output.WriteLine($"{verified.Outcome}, error {verified.Inputs.Select(i => i.Error).DefaultIfEmpty().Max():e1}, {verified.Failure?.Message}");
        return verified;
    }
}
