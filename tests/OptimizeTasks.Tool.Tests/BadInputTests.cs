using System.Diagnostics;
using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using OptimizeTasks.Tool.Compilation;

namespace OptimizeTasks.Tool.Tests;

/// <summary>Whatever is wrong is one diagnostic with code, file and remedy, and leaves nothing behind.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_missing_file() => Refused("OPT1001");

    [Fact]
    public void An_empty_file() => Refused("OPT1002", []);

    [Fact]
    public void A_text_file() => Refused("OPT1002", "This is no model.\n"u8);

    [Fact]
    public void A_pointer_of_Git_LFS() =>
        Refused("OPT1002", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"u8);

    [Fact]
    public void A_folder()
    {
        Directory.CreateDirectory(_folder["in.onnx"]);
        Refused("OPT1001");
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.99)]
    public void A_truncated_file(double part)
    {
        SampleModels.WriteDense(_folder["whole.onnx"]);
        byte[] bytes = File.ReadAllBytes(_folder["whole.onnx"]);
        File.Delete(_folder["whole.onnx"]);

        Refused("OPT1003", bytes.AsSpan(0, (int)(bytes.Length * part)));
    }

    [Fact]
    public void External_data_that_is_missing()
    {
        SampleModels.WriteDense(_folder["in.onnx"], externalData: true);
        File.Delete(_folder["in.onnx.data"]);

        Refused("OPT1004");
    }

    [Fact]
    public void External_data_that_is_too_short()
    {
        SampleModels.WriteDense(_folder["in.onnx"], externalData: true);
        using (FileStream data = File.OpenWrite(_folder["in.onnx.data"]))
            data.SetLength(100);

        Refused("OPT1004");
    }

    [Fact]
    public void External_data_outside_the_folder()
    {
        SampleModels.WriteDense(_folder["in.onnx"], externalData: true);
        byte[] bytes = File.ReadAllBytes(_folder["in.onnx"]);
        int location = bytes.AsSpan().IndexOf("in.onnx.data"u8);
        "../etc/hosts"u8.CopyTo(bytes.AsSpan(location));

        Refused("OPT1005", bytes);
    }

    [Fact]
    public void An_unknown_element_type()
    {
        // TensorProto { dims: 1, data_type: 99, name: "w", raw_data } as initializer of the graph.
        byte[] tensor = [0x08, 1, 0x10, 99, 0x42, 1, (byte)'w', 0x4A, 4, 0, 0, 0, 0];
        byte[] graph = [0x12, 1, (byte)'g', 0x2A, (byte)tensor.Length, .. tensor];
        Refused("OPT1007", [0x08, 8, 0x3A, (byte)graph.Length, .. graph, 0x42, 2, 0x10, 17]);
    }

    [Theory]
    [InlineData("file/out.onnx")]
    [InlineData("file/deeper/out.onnx")]
    public void An_output_that_cannot_be_written(string output)
    {
        // Below a file there is no folder, whoever asks.
        SampleModels.WriteDense(_folder["in.onnx"]);
        File.WriteAllText(_folder["file"], "");

        ToolRun run = ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder[output]);

        AssertOneDiagnostic(run, "OPT5005", "file");
    }

    [Fact]
    public void An_output_that_is_a_folder()
    {
        SampleModels.WriteDense(_folder["in.onnx"]);
        Directory.CreateDirectory(_folder["out.onnx"]);

        ToolRun run = ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder["out.onnx"]);

        AssertOneDiagnostic(run, "OPT5005", "out.onnx");
        Assert.Equal(["in.onnx", "out.onnx"], Names());
    }

    [Fact]
    public void A_manifest_that_is_a_folder_leaves_no_model_behind()
    {
        SampleModels.WriteDense(_folder["in.onnx"]);
        Directory.CreateDirectory(_folder["out.model.json"]);

        ToolRun run = ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder["out.onnx"], "--generate-source", "true");

        AssertOneDiagnostic(run, "OPT5005", "out.model.json");
        Assert.Equal(["in.onnx", "out.model.json"], Names());
    }

    [Theory]
    [InlineData("in.onnx.data", "report.json")]
    [InlineData("out.onnx", "in.onnx")]
    [InlineData("out.onnx", "in.onnx.data")]
    [InlineData("out.onnx", "out.onnx")]
    [InlineData("out.onnx", "out.onnx.data")]
    [InlineData("out.onnx", "sub/..")]
    public void Results_where_other_files_belong(string output, string report)
    {
        SampleModels.WriteDense(_folder["in.onnx"], externalData: true);
        byte[] data = File.ReadAllBytes(_folder["in.onnx.data"]);

        ToolRun run = ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder[output], "--report", _folder[report]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(" : error OPT5005: ", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(["in.onnx", "in.onnx.data"], Names());
        Assert.Equal(data, File.ReadAllBytes(_folder["in.onnx.data"]));
    }

    [Fact]
    public void A_device_is_not_replaced()
    {
        if (OperatingSystem.IsWindows())
            return;
        SampleModels.WriteDense(_folder["in.onnx"]);
        using Model model = ModelReader.Read(_folder["in.onnx"]);

        var exception = Assert.Throws<CompilationException>(() => OutputPaths.Check(model, ["/dev/null"], inPlace: true));

        Assert.Equal("OPT5005", exception.Diagnostic.Code);
        Assert.Equal("/dev/null", exception.Diagnostic.File);
    }

    [Theory]
    [InlineData("--dump")]
    [InlineData("--report")]
    [InlineData("-o")]
    public void A_path_without_a_name_is_no_path(string option)
    {
        string[] output = option == "-o" ? [] : ["-o", _folder["m.onnx"]];

        ToolRun run = ToolProcess.Run(["optimize", _folder["in.onnx"], .. output, option, ""]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(" names no ", run.ErrorLines[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--dump")]
    [InlineData("--report")]
    public void Another_output_that_cannot_be_written(string option)
    {
        SampleModels.WriteDense(_folder["in.onnx"]);
        File.WriteAllText(_folder["file"], "");

        ToolRun run = ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder["out/m.onnx"], option, _folder["file/deeper"]);

        Assert.Contains(" : error OPT5005: ", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(["file", "in.onnx"], Names());
    }

    [Fact]
    public void Cancellation_in_the_middle()
    {
        if (OperatingSystem.IsWindows())
            return;
        SampleModels.WriteEndless(_folder["in.onnx"]);
        Directory.CreateDirectory(_folder["out"]);
        using Process process = ToolProcess.Start("optimize", _folder["in.onnx"], "-o", _folder["out/m.onnx"]);
        // The model is written, and being compared.
        Assert.True(SpinWait.SpinUntil(() => Directory.EnumerateFiles(_folder["out"], "m.onnx", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).Any(), TimeSpan.FromMinutes(1)));
        Thread.Sleep(500);

        using (var kill = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            kill.WaitForExit();
        ToolRun run = ToolProcess.Wait(process);

        Assert.Equal(130, run.ExitCode);
        Assert.Contains("OPT5008", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["out"]));
    }

    [Fact]
    public void A_model_that_ONNX_Runtime_refuses()
    {
        var graph = new Graph("unknown");
        Value x = graph.AddInput("x", new TensorType(ElementType.Float, Shape.Of(4)));
        Value y = graph.Apply("NoSuchOperator", [x], "y");
        y.Type = x.Type;
        graph.AddOutput(y);
        using (var model = new Model(graph) { IrVersion = 8, Opsets = { [""] = 17 } })
            ModelWriter.Write(model, _folder["in.onnx"]);

        Refused("OPT1008");
    }

    private void Refused(string code, ReadOnlySpan<byte> content)
    {
        File.WriteAllBytes(_folder["in.onnx"], content);
        Refused(code);
    }

    private void Refused(string code)
    {
        string[] before = Names();

        ToolRun run = ToolProcess.Run("optimize", _folder["in.onnx"], "-o", _folder["out/m.onnx"]);

        AssertOneDiagnostic(run, code, "in.onnx");
        Assert.Equal(before, Names());
    }

    private void AssertOneDiagnostic(ToolRun run, string code, string file)
    {
        string line = Assert.Single(run.ErrorLines);
        Assert.StartsWith(_folder[file], line, StringComparison.Ordinal);
        Assert.Contains($" : error {code}: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.ExitCode);
        Assert.Empty(run.Output);
    }

    private string[] Names() => [.. Directory.EnumerateFileSystemEntries(_folder.Path).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];
}
