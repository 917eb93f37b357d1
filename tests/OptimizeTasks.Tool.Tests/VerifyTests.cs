using System.IO.Compression;
using System.Text;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Tool.Tests;

public sealed class VerifyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public VerifyTests()
    {
        SampleModels.WriteDense(_folder["a.onnx"]);
        SampleModels.WriteDense(_folder["b.onnx"], externalData: true);
        SampleModels.WriteDense(_folder["c.onnx"], scale: 1.01f);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Equal_models_agree()
    {
        ToolRun run = ToolProcess.Run("verify", _folder["a.onnx"], _folder["b.onnx"]);

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"\n  y +\S+ +\S+  agrees ", run.Output);
    }

    [Fact]
    public void Models_that_differ_beyond_the_tolerance_are_an_error()
    {
        ToolRun run = ToolProcess.Run("verify", _folder["a.onnx"], _folder["c.onnx"]);

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith(_folder["c.onnx"] + " : error OPT2001: ", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        Assert.Matches(@"\n  y +1\.0e-2 +\S+  differs ", run.Output);
    }

    [Fact]
    public void The_tolerance_is_the_users() =>
        Assert.Equal(0, ToolProcess.Run("verify", _folder["a.onnx"], _folder["c.onnx"], "--tolerance", "0.02").ExitCode);

    [Fact]
    public void Given_inputs_are_used()
    {
        // Where x is zero, both models give zero.
        WriteInputs(_folder["zero.npz"], "x", "<f4", 4);

        ToolRun run = ToolProcess.Run("verify", _folder["a.onnx"], _folder["c.onnx"], "--inputs", _folder["zero.npz"]);

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("1 set of inputs: passed", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("y", "<f4", "no array for the input 'x'")]
    [InlineData("x", "<f8", "is Double, the input Float")]
    public void Inputs_that_do_not_fit_are_refused(string name, string type, string reason)
    {
        WriteInputs(_folder["in.npz"], name, type, type[2] - '0');

        ToolRun run = ToolProcess.Run("verify", _folder["a.onnx"], _folder["b.onnx"], "--inputs", _folder["in.npz"]);

        Assert.Equal(1, run.ExitCode);
        string line = Assert.Single(run.ErrorLines);
        Assert.StartsWith(_folder["in.npz"] + " : error OPT5009: ", line, StringComparison.Ordinal);
        Assert.Contains(reason, line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_model_is_named()
    {
        ToolRun run = ToolProcess.Run("verify", _folder["a.onnx"], _folder["absent.onnx"]);

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith(_folder["absent.onnx"] + " : error OPT1001: ", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    [SharedModelFact]
    public void Real_inputs_of_a_real_model_are_compared()
    {
        string model = SharedModels.Path("digits/digits-cnn.onnx");
        Assert.Equal(0, ToolProcess.Run("optimize", model, "-o", _folder["out.onnx"], "--no-verify").ExitCode);
        File.WriteAllBytes(_folder["image.npy"], Image());

        ToolRun run = ToolProcess.Run("verify", model, _folder["out.onnx"], "--inputs", _folder["image.npy"], "--tolerance", "1e-5");

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);

        static byte[] Image()
        {
            using ZipArchive archive = ZipFile.OpenRead(SharedModels.Path("digits/digits-test.npz"));
            using Stream stream = archive.GetEntry("image.npy")!.Open();
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        }
    }

    /// <summary>An archive with one array of shape [1, 4] that is all zeros.</summary>
    private static void WriteInputs(string path, string name, string type, int size)
    {
        using ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create);
        using Stream stream = archive.CreateEntry(name + ".npy").Open();
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': (1, 4), }}\n";
        stream.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. new byte[4 * size]]);
    }
}
