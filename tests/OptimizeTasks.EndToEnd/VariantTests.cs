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

        app.Replace("WebGpu;Cpu", "Cpu");
        Assert.Equal(1, app.BuildSuccessfully().CompiledModels);
        Assert.Equal(["models/llama.model.json", "models/llama.onnx"], Models(app));
        Assert.DoesNotContain(app.Files("obj"), file => file.Contains(".cpu.", StringComparison.Ordinal) || file.EndsWith(".data", StringComparison.Ordinal));
        Assert.Equal("default llama.onnx agrees\n", app.Execute("bin/Debug/net10.0/App.dll", SharedModels.Path(s_llama)));
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
