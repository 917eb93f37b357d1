using System.Text.Json;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Tool.Tests;

/// <summary>The command that the MSBuild task starts.</summary>
public sealed class BuildTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_item_is_compiled_and_every_file_listed()
    {
        SampleModels.WriteDense(_folder["in/my model.onnx"], externalData: true);

        ToolRun run = Build("Compile", "in/my model.onnx", new() { ["ClassName"] = "Dense", ["Namespace"] = "App", ["Link"] = "elsewhere" });

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("shown.onnx → dense.onnx  4 → 2 nodes, ", Assert.Single(run.OutputLines), StringComparison.Ordinal);
        string[] expected =
        [
            $"input|{_folder["in/my model.onnx.data"]}",
            $"source|{_folder["obj/dense.g.cs"]}",
            $"report|{_folder["obj/dense.report.json"]}",
            $"model|{_folder["obj/dense.onnx"]}",
            $"manifest|{_folder["obj/dense.model.json"]}",
        ];
        string[] lines = File.ReadAllLines(_folder["obj/dense.outputs.txt"]);
        Assert.Equal(expected.Order(StringComparer.Ordinal), lines.Order(StringComparer.Ordinal));
        Assert.All(lines, line => Assert.True(File.Exists(line[(line.IndexOf('|') + 1)..]), line));
        Assert.Contains("class Dense ", File.ReadAllText(_folder["obj/dense.g.cs"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_samples_are_inputs_of_the_build()
    {
        SampleModels.WriteDense(_folder["m.onnx"]);
        NumpyFile.WriteArchive(_folder["data.npz"], ("x", NumpyFile.Of("<f4", [2, 4], new float[8])));

        ToolRun run = Build("Compile", "m.onnx", new() { ["CalibrationData"] = _folder["data.npz"] });

        Assert.Equal(0, run.ExitCode);
        Assert.Contains($"input|{_folder["data.npz"]}", File.ReadAllLines(_folder["obj/dense.outputs.txt"]));
    }

    [Fact]
    public void Samples_that_do_not_fit_are_one_error_that_names_their_file()
    {
        SampleModels.WriteDense(_folder["m.onnx"]);
        NumpyFile.WriteArchive(_folder["data.npz"], ("x", NumpyFile.Of("<f4", [2, 3], new float[6])));

        ToolRun run = Build("Compile", "m.onnx", new() { ["CalibrationData"] = _folder["data.npz"] });

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith(_folder["data.npz"] + " : error OPT5009: ", Assert.Single(run.OutputLines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_design_time_build_gets_the_same_class_and_nothing_else()
    {
        SampleModels.WriteDense(_folder["m.onnx"]);
        Assert.Equal(0, Build("Compile", "m.onnx", []).ExitCode);
        string compiled = File.ReadAllText(_folder["obj/dense.g.cs"]);
        Directory.Delete(_folder["obj"], recursive: true);

        ToolRun run = Build("Generate", "m.onnx", []);

        Assert.Equal("", run.Output);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["dense.g.cs", "dense.outputs.txt"], Directory.EnumerateFiles(_folder["obj"]).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal));
        Assert.Equal(compiled, File.ReadAllText(_folder["obj/dense.g.cs"]));
    }

    [Fact]
    public void Every_wrong_metadata_is_an_error_of_its_own()
    {
        SampleModels.WriteDense(_folder["m.onnx"]);

        ToolRun run = Build("Compile", "m.onnx", new() { ["CustomOpLibraries"] = "ops.so", ["Optimization"] = "Most", ["Opsett"] = "17" });

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("", run.Error);
        Assert.Equal(["Models/shown.onnx : error OPT5002", "Models/shown.onnx : error OPT5003", "Models/shown.onnx : error OPT5004"],
            run.OutputLines.Select(line => line[..line.IndexOf(": ", 25, StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
        Assert.Contains("did you mean Opset?", run.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["obj"]));
    }

    [Fact]
    public void No_class_is_made_where_none_is_wanted()
    {
        SampleModels.WriteDense(_folder["m.onnx"]);

        Assert.Equal(0, Build("Compile", "m.onnx", new() { ["GenerateSource"] = "false" }).ExitCode);

        Assert.False(File.Exists(_folder["obj/dense.g.cs"]));
        Assert.DoesNotContain("source|", File.ReadAllText(_folder["obj/dense.outputs.txt"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Data_of_an_earlier_result_is_removed()
    {
        SampleModels.WriteDense(_folder["m.onnx"]);
        Directory.CreateDirectory(_folder["obj"]);
        File.WriteAllText(_folder["obj/dense.onnx.data"], "old");

        Assert.Equal(0, Build("Compile", "m.onnx", []).ExitCode);

        Assert.False(File.Exists(_folder["obj/dense.onnx.data"]));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{ "version": 2, "mode": "Compile", "model": "m.onnx" }""")]
    [InlineData("""{ "version": 1, "mode": "Destroy", "model": "m.onnx" }""")]
    [InlineData("""{ "version": 1, "mode": "Compile", "model": "m.onnx" }""")]
    public void An_options_file_that_makes_no_sense_is_refused(string content)
    {
        File.WriteAllText(_folder["options.json"], content);

        ToolRun run = ToolProcess.Run("build", _folder["options.json"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(" : error OPT5007: ", Assert.Single(run.OutputLines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_options_file_is_one_diagnostic()
    {
        ToolRun run = ToolProcess.Run("build", _folder["absent.json"]);

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith(_folder["absent.json"] + " : error OPT5006: ", Assert.Single(run.OutputLines), StringComparison.Ordinal);
    }

    private ToolRun Build(string mode, string model, Dictionary<string, string> metadata)
    {
        string options = JsonSerializer.Serialize(new
        {
            version = 1,
            mode,
            model = _folder[model],
            displayPath = "Models/shown.onnx",
            metadata,
            targetPath = "models/dense.onnx",
            outputFolder = _folder["obj"],
            sourceFile = _folder["obj/dense.g.cs"],
            outputsList = _folder["obj/dense.outputs.txt"],
            modelStamp = "what the tool does not know it ignores",
        });
        File.WriteAllText(_folder["options.json"], options);
        return ToolProcess.Run("build", _folder["options.json"]);
    }
}
