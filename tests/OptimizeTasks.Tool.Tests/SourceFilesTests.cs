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
    public async Task Hash_and_checksum_follow_the_external_data()
    {
        SampleModels.WriteDense(_folder["m.onnx"], externalData: true);
        (string hash, string checksum) = await Read();
        Assert.Equal((hash, checksum), await Read());

        byte[] data = File.ReadAllBytes(_folder["m.onnx.data"]);
        data[^1] ^= 1;
        File.WriteAllBytes(_folder["m.onnx.data"], data);

        (string otherHash, string otherChecksum) = await Read();
        Assert.NotEqual(hash, otherHash);
        Assert.NotEqual(checksum, otherChecksum);
        Assert.Matches("^sha256-tree:[0-9a-f]{64}$", hash);
        Assert.Matches("^sum:[0-9a-f]{64}$", checksum);
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
        Diagnostic[] diagnostics =
        [
            Assert.Throws<CompilationException>(() => files.Hash(CancellationToken.None)).Diagnostic,
            (await Assert.ThrowsAsync<CompilationException>(() => files.ChecksumAsync(CancellationToken.None))).Diagnostic,
        ];
        Assert.All(diagnostics, diagnostic => Assert.Equal(("OPT5006", _folder["m.onnx"]), (diagnostic.Code, diagnostic.File)));
    }

    private async Task<(string Hash, string Checksum)> Read()
    {
        using Model model = ModelReader.Read(_folder["m.onnx"]);
        var files = new SourceFiles(model);
        return (files.Hash(CancellationToken.None), await files.ChecksumAsync(CancellationToken.None));
    }
}
