using System.Collections.Immutable;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using Xunit.Abstractions;

namespace OptimizeTasks.Compiler.Tests;

public sealed class SharedModelTests(ITestOutputHelper output) : IDisposable
{
    private static readonly string[] s_notFusion = ["dropout", "attention_past_unidir", "qdq_fusion_uint8", "gpt2_past_mask_one_layer"];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Models => [.. SharedModels.All];

    /// <summary>Without those with Dropout in training, which are random, and those that take half a minute each.</summary>
    public static TheoryData<string> FusionGraphs => [.. SharedModels.Fusion.Where(name => !s_notFusion.Any(part => name.Contains(part, StringComparison.Ordinal)))];

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
    public void A_fusion_graph_compiles_and_agrees_with_the_original_where_that_runs(string name)
    {
        VerificationResult result;
        try
        {
            // Some of these break ONNX Runtime's own rules, whether compiled or not.
            result = CompileAndVerify(name, new VerificationOptions { CompiledSettings = SessionSettings.Unoptimized });
        }
        catch (CompilationException e) when (e.Diagnostic.Code == Diagnostics.ModelDoesNotLoad.Code)
        {
            output.WriteLine(e.Message);
            return;
        }

        Assert.NotEqual(VerificationOutcome.Failed, result.Outcome);
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
