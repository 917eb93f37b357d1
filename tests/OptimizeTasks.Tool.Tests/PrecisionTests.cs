using System.Text.Json;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Tool.Tests;

public sealed class PrecisionTests : IDisposable
{
    private static readonly string s_transformer = Path.Combine(Repository.Root, "samples", "Digits", "digits-transformer.onnx");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Float16", 4e-3)]
    [InlineData("BFloat16", 4e-2)]
    public void Half_the_bytes_compute_nearly_the_same(string precision, double tolerance)
    {
        ToolRun run = ToolProcess.Run("optimize", s_transformer, "-o", _folder["m.onnx"], "--precision", precision, "--providers", "Cuda", "--report", _folder["r.json"]);

        Assert.Equal("", run.Error);
        Assert.InRange(new FileInfo(_folder["m.onnx"]).Length, 0, 0.6 * new FileInfo(s_transformer).Length);
        using Model original = ModelReader.Read(s_transformer), compiled = ModelReader.Read(_folder["m.onnx"]);
        Assert.Equal(original.Graph.Inputs.Concat(original.Graph.Outputs).Select(v => v.Type), compiled.Graph.Inputs.Concat(compiled.Graph.Outputs).Select(v => v.Type));
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(_folder["r.json"]));
        JsonElement verification = report.RootElement.GetProperty("verification");
        Assert.Equal("Passed", verification.GetProperty("outcome").GetString());
        Assert.InRange(verification.GetProperty("error").GetDouble(), 1e-6, tolerance);
        Assert.Equal(JsonValueKind.Array, report.RootElement.GetProperty("unconverted").ValueKind);
        Assert.Equal(precision == "BFloat16", File.ReadAllText(_folder["r.json"]).Contains("OPT3010", StringComparison.Ordinal));
    }

    [Fact]
    public void Half_precision_for_the_CPU_is_warned_of()
    {
        ToolRun run = ToolProcess.Run("optimize", s_transformer, "-o", _folder["m.onnx"], "--precision", "Float16");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("warning OPT3009", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_it_cannot_go_with_is_one_diagnostic()
    {
        ToolRun run = ToolProcess.Run("optimize", s_transformer, "-o", _folder["m.onnx"], "--precision", "BFloat16");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("error OPT3006: Precision is BFloat16, and Cpu has no kernels for it", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }
}
