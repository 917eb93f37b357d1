using System.Text.Json;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Tool.Tests;

public sealed class OptimizeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> SomeModels => ["digits/digits-cnn.onnx", "transformers/bert-tiny.onnx", "ocr/ppocr-v2-cls.onnx"];

    public static TheoryData<string> AllModels => [.. SharedModels.All];

    public void Dispose() => _folder.Dispose();

    [SharedModelTheory]
    [MemberData(nameof(SomeModels))]
    public void A_real_model_is_compiled_and_verified(string name) => Compile(name);

    [SharedModelTheory]
    [Trait("Lane", "Long")]
    [MemberData(nameof(AllModels))]
    public void Every_real_model_is_compiled_and_verified(string name) => Compile(name);

    [Fact]
    public void Model_and_manifest_stand_side_by_side_and_nothing_else()
    {
        SampleModels.WriteDense(_folder["in.onnx"]);

        ToolRun run = ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder["out/dense.onnx"]);

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"^in\.onnx → dense\.onnx  4 → 2 nodes, 8\.\d → 8\.\d kB, error \S+  \[\d+\.\d s\]\n$", run.Output);
        Assert.Equal(["dense.model.json", "dense.onnx"], Names("out"));
        CompiledModel manifest = CompiledModel.ReadFile(_folder["out/dense.model.json"]);
        Assert.Equal("dense", manifest.Name);
        Assert.Equal("dense.onnx", Assert.Single(manifest.Variants).File);
        Assert.Equal("float[batch,4]", manifest.Signature.Inputs[0].Type.ToString());
    }

    [Fact]
    public void A_second_run_gives_the_same_bytes()
    {
        SampleModels.WriteDense(_folder["in.onnx"], externalData: true);

        Assert.Equal(0, ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder["a/m.onnx"]).ExitCode);
        Assert.Equal(0, ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder["b/m.onnx"]).ExitCode);

        foreach (string name in Names("a"))
            Assert.Equal(File.ReadAllBytes(_folder["a/" + name]), File.ReadAllBytes(_folder["b/" + name]));
    }

    [Theory]
    [InlineData(1_000_000, "", false)]
    [InlineData(1_100_000, "", true)]
    [InlineData(1_100_000, "false", false)]
    [InlineData(512, "true", false)]
    [InlineData(5_000, "true", true)]
    public void Large_weights_go_to_a_file_that_can_be_mapped(int columns, string asked, bool external)
    {
        SampleModels.WriteDense(_folder["in.onnx"], columns: columns);

        ToolRun run = ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder["out/m.onnx"], "--external-data", asked);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(external ? ["m.model.json", "m.onnx", "m.onnx.data"] : ["m.model.json", "m.onnx"], Names("out"));
        Assert.Equal<string>(external ? ["m.onnx.data"] : [], [.. CompiledModel.ReadFile(_folder["out/m.model.json"]).Variants[0].DataFiles]);
        Assert.InRange(new FileInfo(_folder["out/m.onnx"]).Length, 100, external ? 2000 : long.MaxValue);
    }

    [Fact]
    public void The_input_may_be_the_output()
    {
        SampleModels.WriteDense(_folder["m.onnx"]);

        ToolRun run = ToolProcess.Run("optimize", _folder["m.onnx"], "-o", _folder["m.onnx"]);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("2 → 2 nodes", ToolProcess.Run("optimize", _folder["m.onnx"], "-o", _folder["m.onnx"]).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_says_what_was_done()
    {
        SampleModels.WriteDense(_folder["in.onnx"]);

        Assert.Equal(0, ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder["out.onnx"], "--report", _folder["r/report.json"]).ExitCode);

        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(_folder["r/report.json"]));
        Assert.Equal(4, report.RootElement.GetProperty("before").GetProperty("nodes").GetInt32());
        Assert.Equal(["MatMul", "Relu"], report.RootElement.GetProperty("after").GetProperty("operators").EnumerateObject().Select(o => o.Name));
        Assert.Equal("Passed", report.RootElement.GetProperty("verification").GetProperty("outcome").GetString());
        Assert.Contains(report.RootElement.GetProperty("passes").EnumerateArray(), p => p.GetProperty("pass").GetString() == "RemoveNoOps" && p.GetProperty("changes").GetInt32() == 2);
    }

    [Fact]
    public void No_result_depends_on_a_path_of_the_machine()
    {
        // Without outputs there is nothing to compare, which is a warning with the model's path.
        using (var model = new Model(new Graph("idle")) { IrVersion = 8, Opsets = { [""] = 17 } })
            ModelWriter.Write(model, _folder["in.onnx"]);

        ToolRun run = ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder["out/m.onnx"], "--report", _folder["out/report.json"], "--generate-source", "true");

        Assert.StartsWith(_folder["in.onnx"] + " : warning OPT2002: ", run.Error, StringComparison.Ordinal);
        Assert.Equal(["m.g.cs", "m.model.json", "m.onnx", "report.json"], Names("out"));
        Assert.All(Names("out"), name => Assert.DoesNotContain(_folder.Path, File.ReadAllText(_folder["out/" + name]), StringComparison.Ordinal));
        Assert.Contains("\"in.onnx : warning OPT2002: ", File.ReadAllText(_folder["out/report.json"]), StringComparison.Ordinal);
    }

    [Fact]
    public void No_verify_runs_no_model()
    {
        SampleModels.WriteEndless(_folder["in.onnx"]);

        ToolRun run = ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder["out.onnx"], "--no-verify");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("not verified", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Stop_after_ends_with_that_pass_and_dump_keeps_what_passes_made()
    {
        SampleModels.WriteDense(_folder["in.onnx"]);

        ToolRun run = ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder["out.onnx"], "--stop-after", "RemoveNoOps", "--dump", _folder["dump"]);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains(Names("dump"), name => name.Contains("RemoveNoOps", StringComparison.Ordinal));
    }

    [Fact]
    public void An_unknown_pass_is_refused_with_the_names_of_all()
    {
        SampleModels.WriteDense(_folder["in.onnx"]);

        ToolRun run = ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder["out.onnx"], "--stop-after", "RemoveNothing");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("OPT2004", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        Assert.Contains("RemoveNoOps", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Mish", "Mish applied once:", "tanh (Tanh)")]
    [InlineData("Gelu", "Closest near misses:", "2 nodes fitted, but '")]
    [InlineData("ScaledDotProduct", "", "close to it are")]
    public void A_rule_is_explained(string rule, string expected, string detail)
    {
        SampleModels.WriteMish(_folder["in.onnx"]);

        ToolRun run = ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder["out.onnx"], "--explain", rule, "--report", _folder["report.json"]);

        if (expected.Length == 0)
        {
            Assert.Equal(1, run.ExitCode);
            Assert.Contains("OPT2004", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
            Assert.Contains(detail, run.Error, StringComparison.Ordinal);
            Assert.Contains("ScaledDotProductAttention", run.Error, StringComparison.Ordinal);
            return;
        }

        Assert.Equal(0, run.ExitCode);
        Assert.Contains(expected, run.Output, StringComparison.Ordinal);
        Assert.Contains(detail, run.Output, StringComparison.Ordinal);
        Assert.Contains("\"explanation\"", File.ReadAllText(_folder["report.json"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_fixed_dimension_is_a_number_in_the_manifest()
    {
        SampleModels.WriteDense(_folder["in.onnx"]);

        ToolRun run = ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder["out.onnx"], "--dimensions", "batch=3");

        Assert.Equal("", run.Error);
        Assert.Equal("float[3,4]", CompiledModel.ReadFile(_folder["out.model.json"]).Signature.Inputs[0].Type.ToString());
    }

    [SharedModelFact]
    public void A_model_that_the_runtime_would_break_is_loaded_without_its_optimisations()
    {
        // ONNX Runtime folds this Pad into a MaxPool that then refuses it.
        ToolRun run = ToolProcess.Run("optimize", SharedModels.Path("fusion/fuse-pad-maxpool.onnx"), "-o", _folder["out.onnx"]);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains(" : warning OPT2009: ", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(LoadOptimization.None, CompiledModel.ReadFile(_folder["out.model.json"]).Variants[0].LoadOptimization);
    }

    [Theory]
    [InlineData("optimize", "in.onnx")]
    [InlineData("optimize", "in.onnx", "-o", "out.onnx", "--quantization", "Dinamic")]
    [InlineData("optimize", "in.onnx", "-o", "out.onnx", "--opset", "many")]
    [InlineData("optimize", "in.onnx", "-o", "out.onnx", "--unknown")]
    [InlineData("optimize", "in.onnx", "-o", "")]
    [InlineData("optimize", "in.onnx", "-o", "folder/")]
    [InlineData("optimise", "in.onnx", "-o", "out.onnx")]
    [InlineData("inspect")]
    [InlineData("inspect", "in.onnx", "--format", "xml")]
    [InlineData]
    public void A_wrong_command_line_is_explained_and_ends_with_2(params string[] arguments)
    {
        ToolRun run = ToolProcess.Run(arguments);

        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.True(run.ErrorLines.Length >= 2);
        Assert.StartsWith("See: dotnet onnx ", run.ErrorLines[^1], StringComparison.Ordinal);
    }

    private void Compile(string name)
    {
        ToolRun run = ToolProcess.Run("optimize", SharedModels.Path(name), "-o", _folder["out.onnx"], "--report", _folder["report.json"], "--tolerance", "1e-5");

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.Single(run.OutputLines);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(_folder["report.json"]));
        Assert.Equal("Passed", report.RootElement.GetProperty("verification").GetProperty("outcome").GetString());
        Assert.True(report.RootElement.GetProperty("after").GetProperty("nodes").GetInt32() <= report.RootElement.GetProperty("before").GetProperty("nodes").GetInt32());
        Assert.NotEmpty(CompiledModel.ReadFile(_folder["out.model.json"]).Signature.Outputs);
    }

    private string[] Names(string folder) => [.. Directory.EnumerateFileSystemEntries(_folder[folder]).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];
}
