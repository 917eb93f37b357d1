using OptimizeTasks.EndToEnd.Projects;
using OptimizeTasks.Testing;

namespace OptimizeTasks.EndToEnd;

public class VariantTests
{
    /// <summary>A decoder, run on a prompt as it was compiled and as it was.</summary>
    private const string Program = """
        using System;
        using System.Linq;
        using System.Numerics.Tensors;
        using App;
        using Microsoft.ML.OnnxRuntime;

        using Llama model = Llama.Load();
        using var session = new InferenceSession(args[0]);
        using var original = new Llama(session);
        float[] expected = Logits(original), actual = Logits(model);
        double error = Math.Sqrt(actual.Zip(expected).Sum(p => Math.Pow(p.First - p.Second, 2)) / expected.Sum(x => (double)x * x));
        Console.WriteLine($"{model.Variant!.Name} {model.Variant.File} {(error < 1e-4 ? "agrees" : error)}");

        static float[] Logits(Llama model)
        {
            long[] ids = [3, 1, 4, 1, 5], mask = [1, 1, 1, 1, 1], positions = [0, 1, 2, 3, 4];
            nint[] shape = [1, 5], none = [1, 2, 0, 32];
            ReadOnlyTensorSpan<float> past = new(Array.Empty<float>(), none);
            using Llama.Outputs outputs = model.Run(new(ids, shape), new(mask, shape), new(positions, shape), past, past, past, past);
            float[] logits = new float[outputs.Logits.FlattenedLength];
            outputs.Logits.FlattenTo(logits);
            return logits;
        }
        """;

    private static readonly string s_llama = "transformers/llama-tiny.onnx";

    [SharedModelFact]
    public void Each_provider_has_its_graph_and_the_app_takes_the_one_that_runs()
    {
        TestProject app = Llama("Providers=\"WebGpu;Cpu\"");

        BuildResult first = app.BuildSuccessfully();

        Assert.Equal(1, first.CompiledModels);
        Assert.Empty(first.Warnings);
        Assert.Equal(["models/llama.cpu.onnx", "models/llama.model.json", "models/llama.onnx", "models/llama.onnx.data"], Models(app));
        Assert.Equal("cpu llama.cpu.onnx agrees\n", app.Execute("bin/Debug/net10.0/App.dll", SharedModels.Path(s_llama)));
        Assert.Equal(0, app.BuildSuccessfully().CompiledModels);
        app.BuildSuccessfully("/question");

        app.RunSuccessfully("publish", "-c", "Debug", "-o", app["published"]);
        Assert.Equal("cpu llama.cpu.onnx agrees\n", app.Execute("published/App.dll", SharedModels.Path(s_llama)));

        app.RunSuccessfully("clean");
        Assert.Empty(Models(app));
        Assert.DoesNotContain(app.Files("obj"), file => file.Contains("llama", StringComparison.Ordinal));
        Assert.Equal(1, app.BuildSuccessfully().CompiledModels);
        Assert.Equal(["models/llama.cpu.onnx", "models/llama.model.json", "models/llama.onnx", "models/llama.onnx.data"], Models(app));

        app.Replace("WebGpu;Cpu", "Cpu");
        Assert.Equal(1, app.BuildSuccessfully().CompiledModels);
        Assert.Equal(["models/llama.model.json", "models/llama.onnx"], Models(app));
        Assert.DoesNotContain(app.Files("obj"), file => file.Contains(".cpu.", StringComparison.Ordinal) || file.EndsWith(".data", StringComparison.Ordinal));
        Assert.Equal("default llama.onnx agrees\n", app.Execute("bin/Debug/net10.0/App.dll", SharedModels.Path(s_llama)));
    }

    [SharedModelFact]
    public void A_variant_with_the_name_of_another_model_is_one_diagnostic()
    {
        TestProject app = Llama("Providers=\"WebGpu;Cpu\"");
        app.Replace("<OptimizedModel ", """<OptimizedModel Include="Models/other.onnx" TargetPath="models/llama.cpu.onnx" /><OptimizedModel """);
        File.Copy(SharedModels.Path("digits/digits-cnn.onnx"), app["Models/other.onnx"]);

        BuildResult build = app.Build();

        Assert.NotEqual(0, build.ExitCode);
        Microsoft.Build.Logging.StructuredLogger.AbstractDiagnostic error = Assert.Single(build.Errors);
        Assert.Equal("OPT5023", error.Code);
        Assert.Contains("models/llama.cpu.onnx", error.Text, StringComparison.Ordinal);
        Assert.Equal(error.Text, Assert.Single(app.Build().Errors).Text);
        app.Replace("models/llama.cpu.onnx", "models/other.onnx");
        app.BuildSuccessfully();
    }

    /// <summary>Some tokens, and which session gives the same numbers, to the bit, as the model.</summary>
    private const string Generation = """
        using System;
        using System.Linq;
        using System.Numerics.Tensors;
        using App;

        using Llama model = Llama.Load();
        using var prompt = new Llama(model.Session);
        using var step = new Llama(model.SizeVariants[0].Session);
        string[] products = ["DynamicQuantizeMatMul", "MatMulIntegerToFloat", "MatMulNBits"];
        Console.WriteLine($"{model.Variant!.Name}: {Products(model.Placement)}");
        Console.WriteLine($"{model.SizeVariants[0].Variant.Name}: {Products(model.SizeVariants[0].Placement)}");

        long[] ids = [3, 1, 4, 1];
        float[][] past = [[], [], [], []];
        for (int length = 0; length < 7;)
        {
            (float[] logits, float[][] present) = Run(model, ids, past, length);
            bool asPrompt = logits.SequenceEqual(Run(prompt, ids, past, length).Logits), asStep = logits.SequenceEqual(Run(step, ids, past, length).Logits);
            Console.WriteLine($"{ids.Length}:{(asPrompt ? " prompt" : "")}{(asStep ? " step" : "")}");
            // The state that one graph left is the other's.
            past = present;
            length += ids.Length;
            ids = [Array.IndexOf(logits[^1000..], logits[^1000..].Max())];
        }

        // Prompts and steps in turn, on several threads.
        bool agree = Enumerable.Range(0, 4).AsParallel().WithDegreeOfParallelism(4).All(_ => Enumerable.Range(0, 20).All(i =>
        {
            long[] tokens = i % 2 == 0 ? [5, 6, 7] : [8];
            float[][] none = [[], [], [], []];
            return Run(model, tokens, none, 0).Logits.SequenceEqual(Run(i % 2 == 0 ? prompt : step, tokens, none, 0).Logits);
        }));
        Console.WriteLine($"in turn: {agree}, into tensors: {Into(model).SequenceEqual(Into(step)) && !Into(model).SequenceEqual(Into(prompt))}, allocated: {Allocated(model)}");

        string Products(OptimizeTasks.Runtime.Placement placement) => string.Join(' ', placement.Shares[0].Operators.Keys.Where(products.Contains));

        static (float[] Logits, float[][] Present) Run(Llama model, long[] ids, float[][] past, int length)
        {
            (long[] mask, long[] positions, nint[] shape, nint[] all, nint[] states) = Inputs(ids, length);
            using Llama.Outputs o = model.Run(new(ids, shape), new(mask, all), new(positions, shape), Past(past[0], states), Past(past[1], states), Past(past[2], states), Past(past[3], states));
            return (Copy(o.Logits), [Copy(o.Present0Key), Copy(o.Present0Value), Copy(o.Present1Key), Copy(o.Present1Value)]);
        }

        static ReadOnlyTensorSpan<float> Past(float[] past, nint[] states) => new(past, states);

        static (long[] Mask, long[] Positions, nint[] Shape, nint[] All, nint[] States) Inputs(long[] ids, int length) => (
            Enumerable.Repeat(1L, length + ids.Length).ToArray(), ids.Select((_, i) => (long)(length + i)).ToArray(), [1, ids.Length], [1, length + ids.Length], [1, 2, length, 32]);

        static float[] Copy(ReadOnlyTensorSpan<float> tensor)
        {
            float[] copy = new float[tensor.FlattenedLength];
            tensor.FlattenTo(copy);
            return copy;
        }

        static float[] Into(Llama model)
        {
            float[] logits = new float[1000];
            Step(model, logits, new float[64], new float[128], [7], [1, 1], [1], [1, 1], [1, 2], [1, 2, 1, 32], [1, 2, 2, 32], [1, 1, 1000]);
            return logits;
        }

        static long Allocated(Llama model)
        {
            float[] logits = new float[1000], state = new float[64], present = new float[128];
            long[] id = [7], mask = [1, 1], position = [1];
            nint[] one = [1, 1], two = [1, 2], before = [1, 2, 1, 32], behind = [1, 2, 2, 32], logitsShape = [1, 1, 1000];
            long allocated = 0;
            for (int i = 0; i < 3; i++)
            {
                long start = GC.GetAllocatedBytesForCurrentThread();
                Step(model, logits, state, present, id, mask, position, one, two, before, behind, logitsShape);
                allocated = GC.GetAllocatedBytesForCurrentThread() - start;
            }

            return allocated;
        }

        static void Step(Llama model, float[] logits, float[] state, float[] present, long[] id, long[] mask, long[] position, nint[] one, nint[] two, nint[] before, nint[] behind, nint[] shape) => model.Run(
            new ReadOnlyTensorSpan<long>(id, one), new ReadOnlyTensorSpan<long>(mask, two), new ReadOnlyTensorSpan<long>(position, one),
            new ReadOnlyTensorSpan<float>(state, before), new ReadOnlyTensorSpan<float>(state, before), new ReadOnlyTensorSpan<float>(state, before), new ReadOnlyTensorSpan<float>(state, before),
            new TensorSpan<float>(logits, shape), new TensorSpan<float>(present, behind), new TensorSpan<float>(present, behind), new TensorSpan<float>(present, behind), new TensorSpan<float>(present, behind));
        """;

    [SharedModelFact]
    public void A_decoder_reads_prompts_in_one_format_and_makes_tokens_in_another()
    {
        TestProject app = Llama("""Quantization="Dynamic" Variants="sequence_length=1:Int4" """, Generation);

        Assert.Equal(1, app.BuildSuccessfully().CompiledModels);

        Assert.Equal(["models/llama.int4.onnx", "models/llama.model.json", "models/llama.onnx"], Models(app));
        Assert.Equal("""
            default: DynamicQuantizeMatMul MatMulIntegerToFloat
            int4: MatMulNBits
            4: prompt
            1: step
            1: step
            1: step
            in turn: True, into tensors: True, allocated: 0

            """.ReplaceLineEndings("\n"), app.Execute("bin/Debug/net10.0/App.dll"));
    }

    private static TestProject Llama(string metadata, string program = Program)
    {
        TestProject app = TestProject.App($"""<OptimizedModel Include="Models/llama.onnx" ClassName="Llama" {metadata} />""");
        app.Write("Program.cs", program);
        File.Copy(SharedModels.Path(s_llama), app["Models/llama.onnx"]);
        return app;
    }

    private static IEnumerable<string> Models(TestProject app) => app.Files("bin/Debug/net10.0").Where(file => file.StartsWith("models/", StringComparison.Ordinal));
}
