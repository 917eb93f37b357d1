using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Tool.Tests;

/// <summary>Metrics on real data, as the command line and the build measure them.</summary>
public sealed class MetricCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string Data => SharedModels.Path("digits/digits-test.npz");

    public void Dispose() => _folder.Dispose();

    [SharedModelFact]
    public void The_accuracy_of_two_models_is_printed()
    {
        ToolRun run = ToolProcess.Run("verify", SharedModels.Path("digits/digits-cnn.onnx"), SharedModels.Path("digits/digits-cnn-small.onnx"), "--data", Data, "--metric", "Accuracy", "--label", "label");

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        // What the models were trained to, as their page says.
        Assert.Equal("Accuracy 0.988 → 0.950 on digits-test.npz, 500 samples: a loss of 3.8e-2", Assert.Single(run.OutputLines));
    }

    [SharedModelFact]
    public void A_loss_beyond_the_budget_is_an_error()
    {
        ToolRun run = ToolProcess.Run("verify", SharedModels.Path("digits/digits-cnn.onnx"), SharedModels.Path("digits/digits-cnn-small.onnx"), "--data", Data, "--metric", "Top1Agreement", "--accuracy-budget", "0.01");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("error OPT3005: Top1Agreement 0.9", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    [SharedModelTheory]
    [InlineData("Accuracy", "the samples have no labels")]
    [InlineData("RelativeL2", null)]
    public void Labels_are_needed_for_accuracy_alone(string metric, string? reason)
    {
        string model = SharedModels.Path("digits/digits-cnn-small.onnx");

        ToolRun run = ToolProcess.Run("verify", model, model, "--data", Data, "--metric", metric);

        Assert.Equal(reason is null ? 0 : 1, run.ExitCode);
        if (reason is not null)
            Assert.Contains(reason, Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Given_inputs_and_samples_exclude_each_other() =>
        Assert.Equal(2, ToolProcess.Run("verify", "a.onnx", "b.onnx", "--data", "x.npz", "--inputs", "x.npz").ExitCode);

    [Fact]
    public void Outputs_of_other_shapes_are_an_infinite_loss()
    {
        SampleModels.WriteDense(_folder["a.onnx"]);
        SampleModels.WriteMish(_folder["b.onnx"]);
        NumpyFile.WriteArchive(_folder["x.npz"], ("x", NumpyFile.Of("<f4", [1, 4], new float[4])));

        // 512 columns, and 4.
        Assert.Contains("RelativeL2 Infinity", ToolProcess.Run("verify", _folder["a.onnx"], _folder["b.onnx"], "--data", _folder["x.npz"]).Output, StringComparison.Ordinal);
    }

    [SharedModelFact]
    public void Samples_that_were_held_out_decide_about_the_budget()
    {
        string model = SharedModels.Path("digits/digits-transformer.onnx");
        string[] measured = ["optimize", model, "--quantization", "Int4", "--calibration-data", Data, "--label", "label", "--metric", "Accuracy", "--report", _folder["report.json"]];

        ToolRun run = ToolProcess.Run([.. measured, "-o", _folder["out.onnx"], "--accuracy-budget", "0.05"]);

        Assert.Equal("", run.Error);
        Match accuracy = Regex.Match(run.Output, @"Accuracy (0\.\d+) → (0\.\d+)");
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(_folder["report.json"]));
        JsonElement json = report.RootElement.GetProperty("accuracy");
        Assert.Equal(100, json.GetProperty("count").GetInt32());
        Assert.Equal("digits-test.npz, 500 samples, every fifth", json.GetProperty("samples").GetString());
        Assert.Equal(double.Parse(accuracy.Groups[2].Value, CultureInfo.InvariantCulture), json.GetProperty("compiled").GetDouble(), 0.0006);
        double loss = json.GetProperty("loss").GetDouble();
        Assert.Equal(json.GetProperty("original").GetDouble() - json.GetProperty("compiled").GetDouble(), loss, 1e-9);

        // The divergence is never 0: whatever the loss of accuracy is, this budget is exceeded.
        run = ToolProcess.Run("optimize", model, "--quantization", "Int4", "--calibration-data", Data, "--metric", "KullbackLeibler", "-o", _folder["none.onnx"], "--accuracy-budget", "1e-9");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("error OPT3005: KullbackLeibler ", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["none.onnx"]));
    }
}
