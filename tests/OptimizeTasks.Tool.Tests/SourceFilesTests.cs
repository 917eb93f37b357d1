using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using OptimizeTasks.Tool.Compilation;

namespace OptimizeTasks.Tool.Tests;

public sealed class SourceFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_hash_follows_the_external_data()
    {
        SampleModels.WriteDense(_folder["m.onnx"], externalData: true);
        string before = await Hash();
        Assert.Equal(before, await Hash());

        byte[] data = File.ReadAllBytes(_folder["m.onnx.data"]);
        data[^1] ^= 1;
        File.WriteAllBytes(_folder["m.onnx.data"], data);

        Assert.NotEqual(before, await Hash());
        Assert.Matches("^sha256-tree:[0-9a-f]{64}$", before);
    }

    [Fact]
    public async Task A_file_that_vanishes_is_named()
    {
        if (OperatingSystem.IsWindows())
            return;
        SampleModels.WriteDense(_folder["m.onnx"]);
        using Model model = ModelReader.Read(_folder["m.onnx"]);
        var files = new SourceFiles(model);
        File.Delete(_folder["m.onnx"]);

        Assert.Equal("OPT5006", Assert.Throws<CompilationException>(() => new SourceFiles(model)).Diagnostic.Code);
        Diagnostic diagnostic = (await Assert.ThrowsAsync<CompilationException>(() => files.HashAsync(CancellationToken.None))).Diagnostic;
        Assert.Equal("OPT5006", diagnostic.Code);
        Assert.Equal(_folder["m.onnx"], diagnostic.File);
    }

    private async Task<string> Hash()
    {
        using Model model = ModelReader.Read(_folder["m.onnx"]);
        return await new SourceFiles(model).HashAsync(CancellationToken.None);
    }
}
