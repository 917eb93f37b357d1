using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Compiler.Tests;

public class VariantTests
{
    private static readonly CompilerOptions s_options = new() { Providers = ["WebGpu", "Cpu"] };

    public static TheoryData<string> Models =>
        ["transformers/llama-tiny.onnx", "transformers/gpt2-past.onnx", "transformers/bert-toy-raw.onnx", "digits/digits-cnn.onnx", "speech/silero-vad-v5.onnx"];

    [SharedModelTheory]
    [MemberData(nameof(Models))]
    public void Each_is_what_its_provider_alone_would_get(string name)
    {
        string path = SharedModels.Path(name);
        var runner = new InProcessRunner();
        using Model model = ModelReader.Read(path);
        int compiled = 0;
        foreach (CompilationResult result in new ModelCompiler(s_options, runner).CompileVariants(model, VariantRequest.Of(s_options)))
        {
            using CompilationResult alone = new ModelCompiler(s_options with { Providers = [s_options.Providers[compiled++]] }, runner).Compile(path);
            Assert.True(ModelWriter.ToBytes(alone.Model).AsSpan().SequenceEqual(ModelWriter.ToBytes(result.Model)));
            Assert.Equal(alone.Passes.Select(p => (p.Step, p.Pass, p.Changes)), result.Passes.Select(p => (p.Step, p.Pass, p.Changes)));
            Assert.Equal(alone.OperatorsBefore, result.OperatorsBefore);
            Assert.Equal(alone.NearMisses, result.NearMisses);
        }

        Assert.Equal(2, compiled);
    }

    [Fact]
    public void What_no_variant_changes_runs_once()
    {
        PassRun[][] runs = [.. new ModelCompiler(s_options).CompileVariants(Mish(), VariantRequest.Of(s_options)).Select(result => result.Passes.ToArray())];

        PassRun[] shared = [.. runs[0].Where(run => run.Phase < Phase.Plan)];
        Assert.NotEmpty(shared);
        // The same object, with the same time.
        Assert.All(shared.Zip(runs[1]), pair => Assert.Same(pair.First, pair.Second));
        Assert.NotSame(runs[0][shared.Length], runs[1][shared.Length]);
    }

    [Fact]
    public void Where_the_compilation_stops_early_all_are_equal()
    {
        CompilerOptions options = s_options with { StopAfter = "EvaluateShapes" };
        Assert.All(new ModelCompiler(options).CompileVariants(Mish(), VariantRequest.Of(options)), result => Assert.Equal("EvaluateShapes", result.Passes[^1].Pass));
    }

    [Fact]
    public void A_plan_serves_providers_with_what_each_has_kernels_for()
    {
        var plan = new CompressionPlan { Nodes = [new PlannedNode { Node = "a", Format = WeightFormat.Static }, new PlannedNode { Node = "b", Format = WeightFormat.Int8 }] };

        PlannedNode[][] plans = [.. VariantRequest.Of(new CompilerOptions { Providers = ["Cuda", "Cpu"], Plan = plan }).Select(request => request.Options.Plan!.Nodes.ToArray())];

        Assert.Equal([WeightFormat.Float, WeightFormat.Int8], plans[0].Select(node => node.Format));
        Assert.Contains("Cuda computes", plans[0][0].Why, StringComparison.Ordinal);
        Assert.Equal(plan.Nodes, plans[1]);
    }

    [Fact]
    public void Files_are_named_after_their_variants()
    {
        Assert.Equal(["x.onnx", "x.cpu.onnx"], VariantRequest.Of(s_options).Select(request => request.FileName("x.onnx")));
        Assert.Equal(["x.onnx"], VariantRequest.Of(new CompilerOptions()).Select(request => request.FileName("x.onnx")));
        Assert.Equal("x.bin.cpu.onnx", VariantRequest.Of(s_options)[1].FileName("x.bin"));
        Assert.Equal([("webgpu", "WebGpu"), ("cpu", "Cpu")], VariantRequest.Of(s_options).Select(request => (request.Name, request.When.Provider)));
        Assert.Equal(VariantRequest.Default, Assert.Single(VariantRequest.Of(new CompilerOptions())).Name);
    }

    [Fact]
    public void The_model_after_each_pass_is_dumped_for_each_variant()
    {
        using var folder = new TemporaryFolder();
        CompilerOptions options = s_options with { DumpFolder = folder.Path };
        _ = new ModelCompiler(options).CompileVariants(Mish(), VariantRequest.Of(options)).Count();

        Assert.Contains(Directory.GetFiles(folder.Path), file => file.EndsWith("-RaiseActivations.onnx", StringComparison.Ordinal));
        Assert.Contains(Directory.GetFiles(folder["webgpu"]), file => file.EndsWith("-ExpandOperators.onnx", StringComparison.Ordinal));
        Assert.DoesNotContain(Directory.GetFiles(folder["cpu"]), file => file.EndsWith("-ExpandOperators.onnx", StringComparison.Ordinal));
    }

    /// <summary>The GPU gets Mish as its formula, the processor as the operator.</summary>
    private static Model Mish()
    {
        var graph = new Graph("mish");
        Value x = graph.AddInput("x", new TensorType(ElementType.Float, Shape.Of(2, 4)));
        graph.AddOutput(graph.Apply("Mul", [x, graph.Apply("Tanh", [graph.Apply("Softplus", [x], "softplus")], "tanh")], "y"));
        return new Model(graph) { IrVersion = 8, Opsets = { [""] = 17 } };
    }
}
