using System.Diagnostics;
using System.Text.Json;
using OptimizeTasks.Compiler;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using OptimizeTasks.Tool.Inputs;

namespace OptimizeTasks.Tool.Tests;

public sealed class QuantizationTests : IDisposable
{
    private static readonly string s_digits = Path.Combine(Repository.Root, "samples", "Digits");
    private static readonly string s_transformer = Path.Combine(s_digits, "digits-transformer.onnx");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Points of a hundred that a transformer trained on digits may lose on 500 pictures that it never saw.</summary>
    [Theory]
    [InlineData("Dynamic", 0.4)]
    [InlineData("Int8", 0.4)]
    [InlineData("Int4", 1.0)]
    public void Digits_are_still_recognised(string quantization, double points)
    {
        ToolRun run = ToolProcess.Run("optimize", s_transformer, "-o", _folder["m.onnx"], "--quantization", quantization);

        Assert.Equal("", run.Error);
        Assert.InRange(Accuracy(_folder["m.onnx"]), Accuracy(s_transformer) - points, 100);
        Assert.InRange(new FileInfo(_folder["m.onnx"]).Length, 0, new FileInfo(s_transformer).Length / 3);
    }

    /// <summary>What rounding learnt on other pictures holds on those that it never saw.</summary>
    [SharedModelFact]
    public void Error_feedback_makes_4_bits_more_exact()
    {
        string path = SharedModels.Path("digits/digits-transformer.onnx");

        double plain = Divergence("None"), corrected = Divergence("ErrorFeedback");

        Assert.InRange(corrected / plain, 0.1, 0.5);

        double Divergence(string corrections)
        {
            ToolRun run = ToolProcess.Run(
                "optimize", path, "-o", _folder["m.onnx"], "--quantization", "Int4", "--corrections", corrections, "--calibration-data", SharedModels.Path("digits/digits-train.npz"),
                "--metric", "KullbackLeibler", "--report", _folder["r.json"], "--show-plan");
            Assert.Equal("", run.Error);
            Assert.Equal(corrections == "ErrorFeedback", run.Output.Contains("Int4, blocks of 32, error feedback", StringComparison.Ordinal));
            using JsonDocument report = JsonDocument.Parse(File.ReadAllText(_folder["r.json"]));
            if (corrections == "ErrorFeedback")
                Assert.Contains("digits-train.npz", report.RootElement.GetProperty("errorFeedback").GetProperty("source").GetString(), StringComparison.Ordinal);
            return report.RootElement.GetProperty("accuracy").GetProperty("loss").GetDouble();
        }
    }

    [SharedModelTheory]
    [InlineData("digits/digits-transformer.onnx", "Int4", "Clipping;ErrorFeedback")]
    [InlineData("digits/digits-transformer.onnx", "Dynamic", "Bias;Smoothing")]
    [InlineData("digits/digits-cnn.onnx", "Static", "Bias;Equalization")]
    public void One_core_gives_the_bytes_of_all(string model, string format, string corrections)
    {
        Assert.Equal(Compile("all", []), Compile("one", [("DOTNET_PROCESSOR_COUNT", "1")]));

        byte[] Compile(string folder, (string, string)[] variables)
        {
            string result = Path.Combine(_folder[folder], "m.onnx");
            using Process process = ToolProcess.Start(
                variables, "optimize", SharedModels.Path(model), "-o", result, "--quantization", format, "--corrections", corrections, "--calibration-data", SharedModels.Path("digits/digits-train.npz"), "--no-verify");
            Assert.Equal("", ToolProcess.Wait(process).Error);
            return File.ReadAllBytes(result);
        }
    }

    /// <summary>A convolutional network, calibrated on other pictures than those that it is judged by.</summary>
    [SharedModelTheory]
    [InlineData("digits/digits-cnn.onnx", "MinMax")]
    [InlineData("digits/digits-cnn-small.onnx", "MinMax")]
    [InlineData("digits/digits-cnn.onnx", "Percentile")]
    [InlineData("digits/digits-cnn.onnx", "Entropy")]
    [InlineData("digits/digits-cnn.onnx", "MeanSquaredError")]
    public void Digits_are_still_recognised_with_activations_of_8_bits(string model, string method)
    {
        string path = SharedModels.Path(model);
        ToolRun run = ToolProcess.Run(
            "optimize", path, "-o", _folder["m.onnx"], "--quantization", "Static", "--calibration-data", SharedModels.Path("digits/digits-train.npz"), "--calibration-method", method, "--report", _folder["r.json"]);

        Assert.Equal("", run.Error);
        Assert.InRange(Accuracy(_folder["m.onnx"]), Accuracy(path) - 0.4, 100);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(_folder["r.json"]));
        JsonElement calibration = report.RootElement.GetProperty("calibration");
        Assert.Equal((method, false), (calibration.GetProperty("method").GetString(), calibration.GetProperty("isSynthetic").GetBoolean()));
        Assert.Contains("digits-train.npz", calibration.GetProperty("source").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_is_saved_and_given_back()
    {
        Assert.Equal(0, ToolProcess.Run("optimize", s_transformer, "-o", _folder["a/m.onnx"], "--quantization", "Int4", "--save-plan", _folder["plan.json"], "--report", _folder["r.json"]).ExitCode);
        Assert.Equal(0, ToolProcess.Run("optimize", s_transformer, "-o", _folder["b/m.onnx"], "--plan", _folder["plan.json"]).ExitCode);

        Assert.Equal(File.ReadAllBytes(_folder["a/m.onnx"]), File.ReadAllBytes(_folder["b/m.onnx"]));
        CompressionPlan plan = CompressionPlan.ReadFile(_folder["plan.json"]);
        Assert.True(plan.Quantizes);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(_folder["r.json"]));
        Assert.Equal(plan.Nodes.Length, report.RootElement.GetProperty("plan").GetProperty("nodes").GetArrayLength());
    }

    [Fact]
    public void Auto_holds_its_budget_and_says_what_it_tried()
    {
        ToolRun run = ToolProcess.Run("optimize", s_transformer, "-o", _folder["m.onnx"], "--quantization", "Auto", "--accuracy-budget", "0.05", "--report", _folder["r.json"]);

        Assert.Equal(0, run.ExitCode);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(_folder["r.json"]));
        JsonElement search = report.RootElement.GetProperty("search");
        JsonElement[] candidates = [.. search.GetProperty("candidates").EnumerateArray()];
        double fastest = candidates.Where(c => c.GetProperty("holds").GetBoolean()).Min(c => c.GetProperty("milliseconds").GetDouble());
        Assert.Superset(new HashSet<string?> { "Float", "Dynamic", "Static", "Int8", "Int4" }, candidates.Select(c => c.GetProperty("name").GetString()).ToHashSet());
        // Floating point stays where another is faster by noise only.
        Assert.InRange(search.GetProperty("chosen").GetProperty("milliseconds").GetDouble(), 0, fastest * 1.05);
        Assert.True(search.GetProperty("chosen").GetProperty("holds").GetBoolean());
        Assert.InRange(report.RootElement.GetProperty("verification").GetProperty("error").GetDouble(), 0, 0.1);
        Assert.Contains("chosen", run.Output, StringComparison.Ordinal);
        Assert.Equal(["m.model.json", "m.onnx", "r.json"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_plan_is_a_table_for_people()
    {
        ToolRun run = ToolProcess.Run("optimize", s_transformer, "-o", _folder["m.onnx"], "--quantization", "Int4", "--exclude-nodes", "*/q/*", "--show-plan");

        string[] lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(lines, line => line.Contains("MatMul", StringComparison.Ordinal) && line.Contains("Int4, blocks of 32", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith("excluded by */q/*", StringComparison.Ordinal));
        Assert.Matches("^[0-9]+ of [0-9]+ nodes, [0-9,]+ of [0-9,]+ weights$", lines[^1].TrimEnd());
    }

    /// <summary>Half a point of a hundred, on every fifth of 500 pictures; and no single format that also holds that is faster.</summary>
    [SharedModelTheory]
    [InlineData("digits/digits-transformer.onnx")]
    [InlineData("digits/digits-cnn.onnx")]
    public void Auto_holds_a_budget_of_accuracy(string model)
    {
        string data = SharedModels.Path("digits/digits-test.npz");

        ToolRun run = ToolProcess.Run(
            "optimize", SharedModels.Path(model), "-o", _folder["m.onnx"], "--quantization", "Auto", "--calibration-data", data, "--label", "label",
            "--metric", "Accuracy", "--accuracy-budget", "0.005", "--report", _folder["r.json"]);

        Assert.Equal(0, run.ExitCode);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(_folder["r.json"]));
        JsonElement search = report.RootElement.GetProperty("search");
        JsonElement chosen = search.GetProperty("chosen");
        Assert.InRange(chosen.GetProperty("error").GetDouble(), -1, 0.005);
        Assert.All(
            search.GetProperty("candidates").EnumerateArray().Where(c => c.GetProperty("holds").GetBoolean()),
            c => Assert.InRange(chosen.GetProperty("milliseconds").GetDouble(), 0, c.GetProperty("milliseconds").GetDouble() * 1.05));
    }

    [Fact]
    public void Auto_that_finds_nothing_leaves_floating_point_and_warns()
    {
        ToolRun run = ToolProcess.Run("optimize", s_transformer, "-o", _folder["m.onnx"], "--quantization", "Auto", "--accuracy-budget", "1e-5");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("warning OPT3011: The budget is 1.0e-5, and on 40 samples that were drawn there are: Float (error ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("OPT3003", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void More_error_than_the_budget_allows_ends_the_compilation()
    {
        ToolRun run = ToolProcess.Run("optimize", s_transformer, "-o", _folder["m.onnx"], "--quantization", "Int4", "--accuracy-budget", "1e-3");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("error OPT3005: Quantisation causes an error of ", run.Error, StringComparison.Ordinal);
        Assert.Matches("1.0e-3 is allowed. Alone, these cost most: .*MatMul [0-9.]+e-[0-9], .*; the best that a whole model reaches is [0-9.]+e-[0-9] in (Int8|Dynamic). Choose", run.Error);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Weights_that_are_not_finite_are_one_diagnostic()
    {
        var weights = new float[64 * 64];
        weights[^1] = float.PositiveInfinity;
        var graph = new Graph("g");
        Value x = graph.AddInput("x", new TensorType(ElementType.Float, Shape.Of(2, 64)));
        graph.AddOutput(graph.Apply("MatMul", [x, graph.AddInitializer("w", Tensor.Create<float>(ElementType.Float, [64, 64], weights))], "y"));
        ModelWriter.Write(new Model(graph) { IrVersion = 8, Opsets = { [""] = 17 } }, _folder["in.onnx"]);

        ToolRun run = ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder["out.onnx"], "--quantization", "Dynamic");

        Assert.Equal(1, run.ExitCode);
        Assert.Equal(1, run.Error.Split("error OPT").Length - 1);
        Assert.Contains("error OPT3001: The weight 'w' has infinities or NaN", run.Error, StringComparison.Ordinal);
        Assert.Equal([_folder["in.onnx"]], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_plan_that_is_none_is_one_diagnostic()
    {
        File.WriteAllText(_folder["plan.json"], "{ \"nodes\": 3 }");

        ToolRun run = ToolProcess.Run("optimize", s_transformer, "-o", _folder["out.onnx"], "--plan", _folder["plan.json"]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("OPT3004", run.Error, StringComparison.Ordinal);
    }

    private static double Accuracy(string path)
    {
        IReadOnlyDictionary<string, Tensor> data = NpzReader.Read(Path.Combine(s_digits, "digits-test.npz"));
        using Model model = ModelReader.Read(path);
        var inputs = new Dictionary<string, Tensor> { [model.Graph.Inputs[0].Name] = data["image"] };
        ReadOnlySpan<float> logits = new InProcessRunner().Run(model, inputs, RunLimits.Default, CancellationToken.None).Values.Single().Read<float>();
        ReadOnlySpan<long> labels = data["label"].Read<long>();
        int classes = logits.Length / labels.Length, right = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            ReadOnlySpan<float> scores = logits.Slice(i * classes, classes);
            right += scores[(int)labels[i]] == Max(scores) ? 1 : 0;
        }

        return 100.0 * right / labels.Length;

        static float Max(ReadOnlySpan<float> scores)
        {
            float max = float.NegativeInfinity;
            foreach (float score in scores)
                max = Math.Max(max, score);
            return max;
        }
    }
}
