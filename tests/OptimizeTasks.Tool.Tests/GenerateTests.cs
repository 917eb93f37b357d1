using OptimizeTasks.Testing;

namespace OptimizeTasks.Tool.Tests;

public sealed class GenerateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_class_is_named_after_the_file()
    {
        SampleModels.WriteDense(_folder["my-dense.v2.onnx"]);

        ToolRun run = ToolProcess.Run("generate", _folder["my-dense.v2.onnx"], "-o", _folder["out/Dense.g.cs"]);

        Assert.Equal("", run.Error);
        Assert.Equal("", run.Output);
        Assert.Equal(0, run.ExitCode);
        string source = File.ReadAllText(_folder["out/Dense.g.cs"]);
        Assert.Contains("public sealed partial class MyDenseV2 ", source, StringComparison.Ordinal);
        Assert.Contains("\"models/my-dense.v2.onnx\"", source, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_are_those_of_the_item()
    {
        SampleModels.WriteDense(_folder["m.onnx"]);

        ToolRun run = ToolProcess.Run(
            "generate", _folder["m.onnx"], "-o", _folder["m.g.cs"], "--class-name", "Dense", "--namespace", "App.Models", "--access", "internal",
            "--target-path", "data/dense.onnx", "--dimensions", "batch=2", "--providers", "Cuda;Cpu");

        Assert.Equal("", run.Error);
        string source = File.ReadAllText(_folder["m.g.cs"]);
        Assert.Contains("namespace App.Models;", source, StringComparison.Ordinal);
        Assert.Contains("internal sealed partial class Dense ", source, StringComparison.Ordinal);
        Assert.Contains("\"data/dense.onnx\"", source, StringComparison.Ordinal);
        Assert.Contains("Cuda;Cpu", source, StringComparison.Ordinal);
        Assert.Contains("float[2,4]", source.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_would_not_change_is_not_touched()
    {
        SampleModels.WriteDense(_folder["m.onnx"]);
        ToolProcess.Run("generate", _folder["m.onnx"], "-o", _folder["m.g.cs"]);
        File.SetLastWriteTimeUtc(_folder["m.g.cs"], DateTime.UnixEpoch);

        ToolProcess.Run("generate", _folder["m.onnx"], "-o", _folder["m.g.cs"]);

        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(_folder["m.g.cs"]));
    }

    [Fact]
    public void The_class_depends_on_no_path_of_the_machine()
    {
        SampleModels.WriteDense(_folder["m.onnx"]);

        Assert.Equal(0, ToolProcess.Run("generate", _folder["m.onnx"], "-o", _folder["m.g.cs"]).ExitCode);

        string source = File.ReadAllText(_folder["m.g.cs"]);
        Assert.Contains("made this class from m.onnx.", source, StringComparison.Ordinal);
        Assert.DoesNotContain(_folder.Path, source, StringComparison.Ordinal);
    }

    [Fact]
    public void The_model_is_not_overwritten_with_its_class()
    {
        SampleModels.WriteDense(_folder["m.onnx"]);
        byte[] model = File.ReadAllBytes(_folder["m.onnx"]);

        ToolRun run = ToolProcess.Run("generate", _folder["m.onnx"], "-o", _folder["m.onnx"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(" : error OPT5005: ", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(model, File.ReadAllBytes(_folder["m.onnx"]));
    }

    [Fact]
    public void A_name_that_no_class_can_have_is_refused()
    {
        SampleModels.WriteDense(_folder["m.onnx"]);

        ToolRun run = ToolProcess.Run("generate", _folder["m.onnx"], "-o", _folder["m.g.cs"], "--class-name", "2 words");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(" : error OPT4001: ", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["m.g.cs"]));
    }
}
