using System.Diagnostics;
using OptimizeTasks.CodeGeneration;
using OptimizeTasks.CodeGeneration.Tests;
using OptimizeTasks.Compiler;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using Xunit.Abstractions;

namespace OptimizeTasks.WebGpu;

/// <summary>Generated classes on a real GPU provider.</summary>
public sealed class WebGpuTests(ITestOutputHelper output)
{
    private static ClassOptions Options(string name) => new() { ClassName = name, Namespace = "App", TargetPath = "x.onnx", Providers = "WebGpu;Cpu" };

    [WebGpuFact]
    public void A_convolutional_network_runs_on_the_adapter_and_agrees_with_the_processor()
    {
        string path = SharedModels.Path("digits/digits-cnn.onnx");
        CompiledClass caller = CompiledClass.Compile(SessionSignature.OfFile(path), Options("DigitsCnn"), """
            public static (string, float[], float[]) Run(string path, float[] image, bool onGpu)
            {
                using var model = DigitsCnn.Load(path, new ModelOptions { Providers = onGpu ? null : [Provider.Cpu], RequireProvider = true });
                nint batch = image.Length / 64;
                float[] logits = new float[batch * 10];
                var destination = new TensorSpan<float>(logits, [batch, 10]);
                // The second call has other contents in the same buffers: it must not see the first one's.
                model.Run(new ReadOnlyTensorSpan<float>(new float[image.Length], [batch, 1, 8, 8]), destination);
                model.Run(new ReadOnlyTensorSpan<float>(image, [batch, 1, 8, 8]), destination);
                using DigitsCnn.Outputs result = model.Run(new ReadOnlyTensorSpan<float>(image, [batch, 1, 8, 8]));
                float[] owned = new float[logits.Length];
                result.Logits.FlattenTo(owned);
                return (model.Placement.ToString(), logits, owned);
            }
            """);
        float[] image = [.. Enumerable.Range(0, 3 * 64).Select(i => MathF.Abs(MathF.Sin(i)))];

        (string placement, float[] logits, float[] owned) = caller.Call<(string, float[], float[])>("Run", path, image, true);
        (_, float[] expected, _) = caller.Call<(string, float[], float[])>("Run", path, image, false);

        output.WriteLine(placement);
        Assert.StartsWith("WebGpu ", placement, StringComparison.Ordinal);
        Assert.True(Distance(expected, logits) < 1e-4, $"relative error {Distance(expected, logits)}");
        Assert.Equal(logits, owned);
    }

    [WebGpuTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bert_runs_on_the_adapter_and_agrees_with_the_processor(bool isCompiled)
    {
        using var folder = new TemporaryFolder();
        string path = SharedModels.Path("transformers/bert-tiny.onnx");
        string run = isCompiled ? Compile(path, folder["compiled.onnx"], "com.microsoft.Attention", "com.microsoft.SkipLayerNormalization", "com.microsoft.BiasGelu") : path;
        CompiledClass caller = CompiledClass.Compile(SessionSignature.OfFile(path), Options("BertTiny"), """
            public static (string, float[]) Run(string path, long[] ids, bool onGpu)
            {
                using var model = BertTiny.Load(path, new ModelOptions { Providers = onGpu ? null : [Provider.Cpu], RequireProvider = true });
                nint[] shape = [2, ids.Length / 2];
                long[] mask = ids.Select(id => id == 0 ? 0L : 1L).ToArray();
                using BertTiny.Outputs result = model.Run(new(ids, shape), new(mask, shape), new ReadOnlyTensorSpan<long>(new long[ids.Length], shape));
                float[] hidden = new float[result.LastHiddenState.FlattenedLength];
                result.LastHiddenState.FlattenTo(hidden);
                return (model.Placement.ToString(), hidden);
            }
            """);
        long[] ids = [5, 17, 60, 23, 9, 1, 4, 8, 15, 16, 23, 42, 0, 0];

        (string placement, float[] actual) = caller.Call<(string, float[])>("Run", run, ids, true);
        (_, float[] expected) = caller.Call<(string, float[])>("Run", path, ids, false);

        output.WriteLine(placement);
        Assert.StartsWith("WebGpu ", placement, StringComparison.Ordinal);
        Assert.True(Distance(expected, actual) < 1e-4, $"relative error {Distance(expected, actual)}");
    }

    [WebGpuFact]
    public void A_decoder_with_promises_attends_on_the_adapter_and_agrees_with_the_original()
    {
        using var folder = new TemporaryFolder();
        string path = SharedModels.Path("transformers/llama-tiny.onnx");
        var options = new CompilerOptions
        {
            Providers = ["WebGpu", "Cpu"],
            Contracts = [new("attention_mask", InputContract.RightPadded), new("position_ids", InputContract.Consecutive)],
        };
        using (CompilationResult result = new ModelCompiler(options).Compile(path))
        {
            Assert.Equal(2, result.OperatorsAfter["com.microsoft.GroupQueryAttention"]);
            ModelWriter.Write(result.Model, folder["compiled.onnx"]);
        }

        using Model original = ModelReader.Read(path);
        CompiledClass caller = CompiledClass.Compile(ModelSignature.Of(original, options), Options("Llama"), """
            public static (string, float[]) Run(string path, long[] mask, int tokens, int past, bool onGpu)
            {
                using var model = Llama.Load(path, new ModelOptions { Providers = onGpu ? null : [Provider.Cpu] });
                int rows = mask.Length / (tokens + past);
                long[] positions = Enumerable.Range(0, rows * tokens).Select(i => (long)(past + (i % tokens))).ToArray();
                long[] ids = positions.Select(position => position % 7).ToArray();
                float[] cache = Enumerable.Range(0, rows * 2 * past * 32).Select(i => MathF.Sin(i)).ToArray();
                nint[] shape = [rows, 2, past, 32];
                using Llama.Outputs result = model.Run(
                    new(ids, [rows, tokens]), new(mask, [rows, tokens + past]), new(positions, [rows, tokens]), new(cache, shape), new(cache, shape), new(cache, shape), new ReadOnlyTensorSpan<float>(cache, shape));
                float[] logits = new float[result.Logits.FlattenedLength];
                result.Logits.FlattenTo(logits);
                return (model.Placement.ToString(), logits.Where((_, i) => mask[(i / 1000 / tokens * (tokens + past)) + past + (i / 1000 % tokens)] == 1).ToArray());
            }
            """);
        foreach ((long[] mask, int tokens, int past) in new[] { (new long[] { 1, 1, 1, 1, 1, 0, 0, 0 }, 4, 0), ([1, 1, 1, 1, 1, 1, 1, 1], 1, 3), ([1, 1, 1, 1, 1], 3, 2) })
        {
            (string placement, float[] actual) = caller.Call<(string, float[])>("Run", folder["compiled.onnx"], mask, tokens, past, true);
            (_, float[] expected) = caller.Call<(string, float[])>("Run", path, mask, tokens, past, false);

            output.WriteLine($"{tokens} tokens behind {past}: {placement}, error {Distance(expected, actual):e1}");
            Assert.StartsWith("WebGpu ", placement, StringComparison.Ordinal);
            Assert.True(Distance(expected, actual) < 1e-4, $"relative error {Distance(expected, actual)}");
        }

        var refused = Assert.Throws<ArgumentException>(() => caller.Call<(string, float[])>("Run", folder["compiled.onnx"], new long[] { 0, 0, 1, 1 }, 4, 0, true));
        Assert.StartsWith("attention_mask: row 0 has 0 at 0; the build was promised that it is right-padded", refused.Message, StringComparison.Ordinal);
    }

    [WebGpuFact]
    public void Each_provider_runs_the_graph_that_was_made_for_it_and_agrees_with_the_original()
    {
        using var folder = new TemporaryFolder();
        string path = SharedModels.Path("transformers/llama-tiny.onnx");
        var options = new CompilerOptions { Providers = ["WebGpu", "Cpu"] };
        Signature signature = WriteVariants(path, options, folder);
        CompiledClass caller = CompiledClass.Compile(signature, Options("Llama"), """
            public static (string, string, float[]) Run(string path, long[] ids, bool onGpu)
            {
                using var model = Llama.Load(path, new ModelOptions { Providers = onGpu ? null : [Provider.Cpu] });
                nint[] shape = [2, ids.Length / 2], none = [2, 2, 0, 32];
                long[] mask = ids.Select(_ => 1L).ToArray(), positions = ids.Select((_, i) => (long)(i % (ids.Length / 2))).ToArray();
                ReadOnlyTensorSpan<float> past = new(Array.Empty<float>(), none);
                using Llama.Outputs result = model.Run(new(ids, shape), new(mask, shape), new(positions, shape), past, past, past, past);
                float[] logits = new float[result.Logits.FlattenedLength];
                result.Logits.FlattenTo(logits);
                return (model.Variant?.Name ?? "original", model.Placement.ToString(), logits);
            }
            """);
        long[] ids = [5, 17, 60, 23, 9, 1, 4, 8, 15, 16];
        (_, _, float[] expected) = caller.Call<(string, string, float[])>("Run", path, ids, false);

        (string gpu, string placement, float[] onGpu) = caller.Call<(string, string, float[])>("Run", folder["llama.onnx"], ids, true);
        (string cpu, _, float[] onProcessor) = caller.Call<(string, string, float[])>("Run", folder["llama.onnx"], ids, false);

        output.WriteLine($"{placement}, errors {Distance(expected, onGpu):e1} and {Distance(expected, onProcessor):e1}");
        Assert.Equal(("webgpu", "cpu"), (gpu, cpu));
        Assert.StartsWith("WebGpu ", placement, StringComparison.Ordinal);
        Assert.Equal(["llama.cpu.onnx", "llama.model.json", "llama.onnx", "llama.onnx.data"], Directory.GetFiles(folder.Path).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        Assert.True(Distance(expected, onGpu) < 1e-4, $"relative error {Distance(expected, onGpu)}");
        Assert.True(Distance(expected, onProcessor) < 1e-4, $"relative error {Distance(expected, onProcessor)}");
    }

    [SharedModelFact]
    public void Where_there_is_no_adapter_a_required_provider_fails_and_says_so()
    {
        (int code, string text) = RunWithoutAdapter(isRequired: true);

        output.WriteLine(text);
        Assert.Equal(1, code);
        Assert.StartsWith("the provider WebGpu cannot start: there is no suitable graphics adapter or driver (", text, StringComparison.Ordinal);
    }

    [SharedModelFact]
    public void Where_there_is_no_adapter_the_processor_stands_in_and_the_placement_says_so()
    {
        (int code, string text) = RunWithoutAdapter(isRequired: false);

        output.WriteLine(text);
        Assert.Equal(0, code);
        Assert.StartsWith("Cpu ", text, StringComparison.Ordinal);
        Assert.Contains("WebGpu skipped: there is no suitable graphics adapter or driver (", text, StringComparison.Ordinal);
    }

    /// <summary>Compiles a model for the adapter, with these operators among those of the result.</summary>
    private static string Compile(string path, string result, params string[] operators)
    {
        using CompilationResult compiled = new ModelCompiler(new CompilerOptions { Providers = ["WebGpu", "Cpu"] }).Compile(path);
        Assert.Superset(operators.ToHashSet(), compiled.OperatorsAfter.Keys.ToHashSet());
        ModelWriter.Write(compiled.Model, result);
        return result;
    }

    /// <summary>Compiles a model for each provider as a build does: graphs, shared weights and manifest.</summary>
    private static Signature WriteVariants(string path, CompilerOptions options, TemporaryFolder folder)
    {
        using Model model = ModelReader.Read(path);
        Signature signature = ModelSignature.Of(model, options);
        var requests = VariantRequest.Of(options);
        using (var writer = new ModelSetWriter(folder["llama.onnx.data"], new WriteOptions { ExternalData = true }))
        {
            foreach ((CompilationResult result, VariantRequest request) in new ModelCompiler(options).CompileVariants(model, requests).Zip(requests))
                Assert.Equal(folder[request.FileName("llama.onnx")], writer.Add(result.Model, folder[request.FileName("llama.onnx")]));
            writer.Commit();
        }

        var manifest = new CompiledModel
        {
            Name = "llama",
            SourceHash = "",
            Signature = signature,
            Variants = [.. requests.Select(r => new Variant { Name = r.Name, When = r.When, File = r.FileName("llama.onnx"), DataFiles = ["llama.onnx.data"] })],
        };
        File.WriteAllText(folder["llama.model.json"], manifest.ToJson());
        return signature;
    }

    private static (int Code, string Text) RunWithoutAdapter(bool isRequired)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [typeof(WebGpuTests).Assembly.Location, SharedModels.Path("digits/digits-cnn.onnx"), isRequired.ToString()])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["VK_ICD_FILENAMES"] = "/nowhere/icd.json";
        start.Environment["VK_DRIVER_FILES"] = "/nowhere/icd.json";
        using Process process = Process.Start(start)!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, text.Trim());
    }

    /// <summary>‖actual − expected‖ / ‖expected‖.</summary>
    private static double Distance(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double difference = expected.Zip(actual).Sum(pair => Math.Pow(pair.First - pair.Second, 2));
        return Math.Sqrt(difference / expected.Sum(value => (double)value * value));
    }
}
