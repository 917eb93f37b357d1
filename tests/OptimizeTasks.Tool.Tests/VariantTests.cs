using System.Text.Json;
using OptimizeTasks.Manifest;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Tool.Tests;

/// <summary>Models with several variants, from the command line to the files.</summary>
public sealed class VariantTests : IDisposable
{
    /// <summary>1.6 MB, which several graphs are to share.</summary>
    private const int Columns = 100_000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_provider_gets_its_graph_and_all_share_the_weights()
    {
        SampleModels.WriteMish(_folder["in.onnx"], Columns);

        ToolRun run = Optimize("out/m.onnx", "--providers", "WebGpu;Cpu", "--report", _folder["r.json"]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Matches(@"^in\.onnx → m\.onnx, m\.cpu\.onnx  5 → 5, 3 nodes, 1\.6 → 1\.6 MB, error \S+  \[\d+\.\d s\]\n$", run.Output);
        Assert.Equal(["m.cpu.onnx", "m.model.json", "m.onnx", "m.onnx.data"], Names("out"));
        Assert.Equal(4L * 4 * Columns, new FileInfo(_folder["out/m.onnx.data"]).Length);
        CompiledModel manifest = CompiledModel.ReadFile(_folder["out/m.model.json"]);
        Assert.Equal([("webgpu", "WebGpu", "m.onnx"), ("cpu", "Cpu", "m.cpu.onnx")], manifest.Variants.Select(v => (v.Name, v.When.Provider, v.File)));
        Assert.All(manifest.Variants, v => Assert.Equal("m.onnx.data", Assert.Single(v.DataFiles)));
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(_folder["r.json"]));
        JsonElement variants = report.RootElement.GetProperty("variants");
        Assert.Equal(["m.onnx", "m.cpu.onnx"], variants.EnumerateArray().Select(v => v.GetProperty("file").GetString()));
        Assert.All(variants.EnumerateArray(), v => Assert.Equal("Passed", v.GetProperty("verification").GetProperty("outcome").GetString()));
    }

    [Fact]
    public void A_model_of_a_variants_name_stays()
    {
        SampleModels.WriteMish(_folder["in.onnx"]);
        Assert.Equal(0, Optimize("out/m.cpu.onnx").ExitCode);
        byte[] other = File.ReadAllBytes(_folder["out/m.cpu.onnx"]);

        ToolRun run = Optimize("out/m.onnx", "--providers", "WebGpu;Cpu");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("m.cpu.onnx : error OPT5005: A variant of the model would have this path", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(other, File.ReadAllBytes(_folder["out/m.cpu.onnx"]));
        Assert.Equal(["m.cpu.model.json", "m.cpu.onnx"], Names("out"));
        // Without a manifest of its own it is what an earlier run left.
        File.Delete(_folder["out/m.cpu.model.json"]);
        Assert.Equal(0, Optimize("out/m.onnx", "--providers", "WebGpu;Cpu").ExitCode);
    }

    [Fact]
    public void A_variant_is_what_its_provider_alone_would_get()
    {
        SampleModels.WriteMish(_folder["in.onnx"]);

        Assert.Equal(0, Optimize("both/m.onnx", "--providers", "WebGpu;Cpu").ExitCode);
        Assert.Equal(0, Optimize("gpu/m.onnx", "--providers", "WebGpu").ExitCode);
        Assert.Equal(0, Optimize("cpu/m.onnx", "--providers", "Cpu").ExitCode);

        Assert.Equal(File.ReadAllBytes(_folder["gpu/m.onnx"]), File.ReadAllBytes(_folder["both/m.onnx"]));
        Assert.Equal(File.ReadAllBytes(_folder["cpu/m.onnx"]), File.ReadAllBytes(_folder["both/m.cpu.onnx"]));
        Assert.Equal(["m.model.json", "m.onnx"], Names("cpu"));
    }

    [Fact]
    public void Where_all_agree_there_is_one_file_as_for_one()
    {
        SampleModels.WriteDense(_folder["in.onnx"], columns: Columns);

        Assert.Equal(0, Optimize("out/m.onnx", "--providers", "WebGpu;Cpu").ExitCode);
        Assert.Equal(0, Optimize("one/m.onnx").ExitCode);

        Assert.Equal(["m.model.json", "m.onnx"], Names("out"));
        Assert.Equal(File.ReadAllBytes(_folder["one/m.onnx"]), File.ReadAllBytes(_folder["out/m.onnx"]));
        Assert.Equal(File.ReadAllText(_folder["one/m.model.json"]), File.ReadAllText(_folder["out/m.model.json"]));
    }

    [Fact]
    public void Providers_that_agree_share_a_file()
    {
        SampleModels.WriteMish(_folder["in.onnx"]);

        Assert.Equal(0, Optimize("out/m.onnx", "--providers", "DirectMl;WebGpu;Cpu").ExitCode);

        Assert.Equal(["m.cpu.onnx", "m.model.json", "m.onnx"], Names("out"));
        Assert.Equal([("DirectMl", "m.onnx"), ("WebGpu", "m.onnx"), ("Cpu", "m.cpu.onnx")], CompiledModel.ReadFile(_folder["out/m.model.json"]).Variants.Select(v => (v.When.Provider, v.File)));
    }

    [Fact]
    public void Variants_of_an_earlier_run_go()
    {
        SampleModels.WriteMish(_folder["in.onnx"], Columns);
        Assert.Equal(0, Optimize("out/m.onnx", "--providers", "WebGpu;Cpu").ExitCode);

        Assert.Equal(0, Optimize("out/m.onnx").ExitCode);

        Assert.Equal(["m.model.json", "m.onnx"], Names("out"));
    }

    [Fact]
    public void A_variant_that_would_replace_the_model_is_refused()
    {
        SampleModels.WriteMish(_folder["m.cpu.onnx"]);
        byte[] before = File.ReadAllBytes(_folder["m.cpu.onnx"]);

        ToolRun run = ToolProcess.Run("optimize", _folder["m.cpu.onnx"], "-o", _folder["m.onnx"], "--providers", "WebGpu;Cpu");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("m.cpu.onnx : error OPT5005: The model is read from this file", run.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_folder["m.cpu.onnx"]));
        Assert.Equal(["m.cpu.onnx"], Names(""));
    }

    [Fact]
    public void The_cache_keeps_all_files()
    {
        SampleModels.WriteMish(_folder["in.onnx"], Columns);
        Assert.DoesNotContain("cached", Cached("a/m.onnx").Output, StringComparison.Ordinal);

        Assert.Contains("cached", Cached("b/m.onnx").Output, StringComparison.Ordinal);

        Assert.Equal(["m.cpu.onnx", "m.model.json", "m.onnx", "m.onnx.data"], Names("b"));
        Assert.All(Names("a"), name => Assert.Equal(File.ReadAllBytes(_folder["a/" + name]), File.ReadAllBytes(_folder["b/" + name])));
    }

    [Fact]
    public void A_rule_is_explained_for_each_graph()
    {
        SampleModels.WriteMish(_folder["in.onnx"]);

        ToolRun run = Optimize("out/m.onnx", "--providers", "WebGpu;Cpu", "--explain", "BiasGelu");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("\nm.onnx: BiasGelu applied nowhere\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("\nm.cpu.onnx: BiasGelu applied nowhere\n", run.Output, StringComparison.Ordinal);
    }

    private ToolRun Optimize(string output, params string[] options) => ToolProcess.Run(["optimize", _folder["in.onnx"], "-o", _folder[output], .. options]);

    private ToolRun Cached(string output) => ToolProcess.Wait(ToolProcess.Start(
        [("OptimizeTasksCachePath", _folder["cache"])], "optimize", _folder["in.onnx"], "-o", _folder[output], "--providers", "WebGpu;Cpu", "--cache"));

    private string[] Names(string folder) => [.. Directory.GetFiles(_folder[folder]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
