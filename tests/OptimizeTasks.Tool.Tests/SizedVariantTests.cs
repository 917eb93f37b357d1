using OptimizeTasks.Manifest;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Tool.Tests;

/// <summary>Variants that the sizes of inputs choose, from the command line to the files.</summary>
public sealed class SizedVariantTests : IDisposable
{
    private const int Columns = 2048;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SharedModelFact]
    public void A_decoder_has_a_graph_for_prompts_and_one_for_steps_that_share_what_they_can()
    {
        ToolRun run = Optimize("both/m.onnx", "--quantization", "Dynamic", "--variants", "sequence_length=1:Int4", "--report", _folder["r.json"]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("→ m.onnx, m.int4.onnx  ", run.Output, StringComparison.Ordinal);
        Assert.Equal(["m.int4.onnx", "m.model.json", "m.onnx", "m.onnx.data"], Names("both"));
        CompiledModel manifest = CompiledModel.ReadFile(_folder["both/m.model.json"]);
        Assert.Equal(["int4", "default"], manifest.Variants.Select(v => v.Name));
        Assert.Equal(new DimensionRange(1, 1), Assert.Single(manifest.Variants[0].When.Dimensions).Value);
        Assert.Empty(manifest.Variants[1].When.Dimensions);

        Assert.Equal(0, Optimize("prompt/m.onnx", "--quantization", "Dynamic").ExitCode);
        Assert.Equal(0, Optimize("step/m.onnx", "--quantization", "Int4").ExitCode);
        // The table of 1000 tokens, 128 numbers of 8 bits each, stands once.
        long together = Data("both"), apart = Data("prompt") + Data("step");
        Assert.True(together < apart - 60_000, $"{together} and {apart}");
    }

    [Fact]
    public void Each_format_is_compared_with_the_original_inside_its_range()
    {
        SampleModels.WriteDense(_folder["in.onnx"], columns: Columns);

        ToolRun run = ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder["out/m.onnx"], "--variants", "batch=3..5:Int8", "--report", _folder["r.json"]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        string report = File.ReadAllText(_folder["r.json"]);
        Assert.Equal(2, report.Split("\"outcome\": \"Passed\"").Length - 2);
        Assert.Contains("batch=3", report, StringComparison.Ordinal);
        Assert.Contains("batch=5", report, StringComparison.Ordinal);
        Assert.Equal(["m.int8.onnx", "m.model.json", "m.onnx"], Names("out"));
    }

    [Fact]
    public void A_format_that_changes_nothing_makes_no_variant()
    {
        SampleModels.WriteMish(_folder["in.onnx"]);

        Assert.Equal(0, ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder["out/m.onnx"], "--variants", "batch=1:Int4").ExitCode);

        Assert.Equal(["m.model.json", "m.onnx"], Names("out"));
        Assert.Equal("default", Assert.Single(CompiledModel.ReadFile(_folder["out/m.model.json"]).Variants).Name);
    }

    [Fact]
    public void A_plan_is_a_format_too_and_providers_have_their_own()
    {
        SampleModels.WriteDense(_folder["in.onnx"], columns: Columns);
        Assert.Equal(0, ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder["out/m.onnx"], "--quantization", "Int8", "--save-plan", _folder["p.json"]).ExitCode);

        ToolRun run = ToolProcess.Run(
            "optimize", _folder["in.onnx"], "-o", _folder["out/m.onnx"], "--providers", "WebGpu;Cpu", "--variants", $"batch=1:Int4; batch=2..:{_folder["p.json"]}");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        // The graphs of both providers are equal.
        Assert.Equal(["m.model.json", "m.onnx", "m.webgpu.int4.onnx", "m.webgpu.plan.onnx"], Names("out"));
        Assert.Equal(
            [
                ("webgpu.int4", "WebGpu", 1, "m.webgpu.int4.onnx"), ("webgpu.plan", "WebGpu", 2, "m.webgpu.plan.onnx"),
                ("cpu.int4", "Cpu", 1, "m.webgpu.int4.onnx"), ("cpu.plan", "Cpu", 2, "m.webgpu.plan.onnx"), ("webgpu", "WebGpu", 0, "m.onnx"), ("cpu", "Cpu", 0, "m.onnx"),
            ],
            CompiledModel.ReadFile(_folder["out/m.model.json"]).Variants.Select(v => (v.Name, v.When.Provider, (int)v.When.Dimensions.Values.Select(r => r.Minimum).FirstOrDefault(), v.File)));
    }

    [Theory]
    [InlineData("sequence=1:Int4", "OPT2011: Variants names the dimension 'sequence'; the dimensions of inputs are batch")]
    [InlineData("batch=1..4:Int4;batch=4:Int8", "OPT2011: Variants has two variants for batch=4")]
    [InlineData("batch=1:Auto", "OPT5002: Variants is 'batch=1:Auto'; it can be a list such as sequence_length=1:Int4")]
    [InlineData("batch=4..2:Int4", "OPT5002: Variants is 'batch=4..2:Int4'")]
    [InlineData("batch:Int4", "OPT5002: Variants is 'batch:Int4'")]
    [InlineData("batch=0:Int4", "OPT5002: Variants is 'batch=0:Int4'")]
    public void What_cannot_be_is_one_error(string variants, string error)
    {
        SampleModels.WriteDense(_folder["in.onnx"]);

        ToolRun run = ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder["out/m.onnx"], "--variants", variants);

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(error, run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["out/m.onnx"]));
    }

    private ToolRun Optimize(string output, params string[] options) =>
        ToolProcess.Run(["optimize", SharedModels.Path("transformers/llama-tiny.onnx"), "-o", _folder[output], "--external-data", "true", .. options]);

    private long Data(string folder) => new FileInfo(_folder[folder + "/m.onnx.data"]).Length;

    private string[] Names(string folder) => [.. Directory.GetFiles(_folder[folder]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
