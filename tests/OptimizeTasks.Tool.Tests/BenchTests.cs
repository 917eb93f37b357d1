using System.Text.Json;
using OptimizeTasks.Testing;
using OptimizeTasks.Tool.Benchmarking;

namespace OptimizeTasks.Tool.Tests;

public sealed class BenchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public BenchTests() => SampleModels.WriteDense(_folder["a.onnx"]);

    public void Dispose() => _folder.Dispose();

    [SharedModelFact]
    public void A_real_model_is_measured_beside_its_compiled_self()
    {
        string model = SharedModels.Path("transformers/bert-tiny.onnx");
        Assert.Equal(0, ToolProcess.Run("optimize", model, "-o", _folder["out.onnx"], "--no-verify").ExitCode);

        ToolRun run = ToolProcess.Run("bench", model, _folder["out.model.json"], "--rounds", "2", "--runs", "3", "--threads", "1", "--dimensions", "sequence_length=16", "--format", "json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.Contains("batch_size=1, sequence_length=16", json.RootElement.GetProperty("inputs").GetString(), StringComparison.Ordinal);
        JsonElement[] models = [.. json.RootElement.GetProperty("models").EnumerateArray()];
        Assert.Equal(2, models.Length);
        Assert.Equal(0, models[0].GetProperty("error").GetDouble());
        Assert.InRange(models[1].GetProperty("error").GetDouble(), 0, 1e-5);
        Assert.Equal(1, models[0].GetProperty("speedup").GetDouble());
        Assert.All(models, m =>
        {
            Assert.Equal("All", m.GetProperty("loadOptimization").GetString());
            // The runtime alone takes some 20 MB; this model 3.
            Assert.InRange(m.GetProperty("peakBytes").GetInt64(), 20_000_000, 1_000_000_000);
            JsonElement times = m.GetProperty("run");
            Assert.InRange(times.GetProperty("minimum").GetDouble(), 1e-3, times.GetProperty("median").GetDouble());
            Assert.True(times.GetProperty("median").GetDouble() <= times.GetProperty("percentile95").GetDouble());
            Assert.True(m.GetProperty("load").GetProperty("minimum").GetDouble() > 0);
        });
    }

    [Fact]
    public void The_error_against_the_first_is_told()
    {
        SampleModels.WriteDense(_folder["b.onnx"], scale: 1.01f);

        ToolRun run = ToolProcess.Run("bench", _folder["a.onnx"], _folder["b.onnx"], "--rounds", "1", "--runs", "2");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.StartsWith("Cpu, a thread per core, 1 round of 2 runs; inputs: normal, batch=1\n", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"a\.onnx  All .* 1\.00 × +0\n", run.Output);
        Assert.Matches(@"b\.onnx  All .* × +1\.0e-2\n", run.Output);
    }

    [Fact]
    public void A_manifest_says_how_its_model_is_loaded()
    {
        Assert.Equal(0, ToolProcess.Run("optimize", _folder["a.onnx"], "-o", _folder["out.onnx"], "--no-verify").ExitCode);
        string manifest = _folder["out.model.json"];
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"All\"", "\"Basic\"", StringComparison.Ordinal));

        ToolRun run = ToolProcess.Run("bench", manifest, "--rounds", "1", "--runs", "1");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("out.model.json  Basic ", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OPT1001", "absent.onnx")]
    [InlineData("OPT1001", "absent.model.json")]
    [InlineData("OPT1002", "text.onnx")]
    [InlineData("OPT1002", "text.model.json")]
    [InlineData("OPT1008", "a.onnx", "--provider", "Cuda")]
    [InlineData("OPT5002", "a.onnx", "--provider", "Gpu")]
    [InlineData("OPT5006", "a.onnx", "--inputs", "absent.npz")]
    [InlineData("OPT2005", "a.onnx", "--dimensions", "length=3")]
    public void What_cannot_be_measured_is_one_diagnostic(string code, params string[] arguments)
    {
        File.WriteAllText(_folder["text.onnx"], "no model");
        File.WriteAllText(_folder["text.model.json"], "no manifest");

        ToolRun run = ToolProcess.Run(["bench", _folder[arguments[0]], .. arguments[1..], "--rounds", "1", "--runs", "1"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($" : error {code}: ", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Theory]
    [InlineData("bench")]
    [InlineData("bench", "a.onnx", "--rounds", "0")]
    [InlineData("bench", "a.onnx", "--runs", "many")]
    public void A_wrong_command_line_ends_with_2(params string[] arguments) => Assert.Equal(2, ToolProcess.Run(arguments).ExitCode);

    [Fact]
    public void Measuring_compiles_for_this_machine_and_says_so()
    {
        ToolRun run = ToolProcess.Run("optimize", _folder["a.onnx"], "-o", _folder["out.onnx"], "--measure", "true", "--report", _folder["report.json"]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Matches(@"error \S+, 0\.\d{3} → 0\.\d{3} ms  \[", run.Output);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(_folder["report.json"]));
        JsonElement measurement = report.RootElement.GetProperty("measurement");
        Assert.Equal(["None", "Basic", "Extended", "All"], measurement.GetProperty("levels").EnumerateArray().Select(l => l.GetProperty("loadOptimization").GetString()));
        string level = measurement.GetProperty("level").GetString()!;
        string manifest = File.ReadAllText(_folder["out.model.json"]);
        Assert.Contains($"\"loadOptimization\": \"{level}\"", manifest, StringComparison.Ordinal);
        Assert.DoesNotContain("illiseconds", manifest, StringComparison.Ordinal);
    }

    [Fact]
    public void Times_are_measured_ones()
    {
        Assert.Equal(new Times(1, 2, 4), Times.Of([4, 1, 2, 3]));
        Assert.Equal(new Times(5, 5, 5), Times.Of([5]));
        Assert.Equal(new Times(1, 50, 95), Times.Of(Enumerable.Range(1, 100).Select(i => (double)i)));
    }
}
