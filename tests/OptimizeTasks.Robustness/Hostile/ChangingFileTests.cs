using Google.Protobuf;
using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Testing;
using static OptimizeTasks.Robustness.Hostile.HostileFile;

namespace OptimizeTasks.Robustness.Hostile;

/// <summary>Files that change while the tool works with them, and tools that want the same output: one of the results, or one diagnostic.</summary>
public sealed class ChangingFileTests : IDisposable
{
    private const int Runs = 6;
    private const int WeightBytes = 32 << 20;

    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _model = WithWeights(WeightBytes);

    private string Model => _folder["model.onnx"];

    private string Output => _folder["out/model.onnx"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_that_becomes_shorter_and_longer_again() => Disturb(() =>
    {
        using (var file = new FileStream(Model, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(_model.Length / 3);
        File.WriteAllBytes(Model, _model);
    });

    [Fact]
    public void A_model_that_vanishes_and_comes_back() => Disturb(() =>
    {
        File.Delete(Model);
        File.WriteAllBytes(Model, _model);
    });

    [Fact]
    public void A_model_that_becomes_another() => Disturb(() =>
    {
        File.WriteAllBytes(_folder["other.onnx"], WithWeights(100_000));
        File.Move(_folder["other.onnx"], Model, overwrite: true);
        File.WriteAllBytes(Model, _model);
    });

    [Fact]
    public void An_output_folder_that_vanishes() => Disturb(() =>
    {
        try
        {
            if (Directory.Exists(_folder["out"]))
                Directory.Delete(_folder["out"], recursive: true);
        }
        catch (IOException)
        {
            // The tool put something into it meanwhile.
        }
    });

    [Fact]
    public void Two_tools_with_one_output()
    {
        File.WriteAllBytes(Model, _model);
        var runs = new MeasuredTool[3];
        Parallel.For(0, runs.Length, i => runs[i] = Optimize());

        Assert.All(runs, Diagnosed.Check);
        Assert.Contains(runs, run => run.ExitCode == 0);
        Assert.Equal(0, MeasuredTool.Run("inspect", Output).ExitCode);
        Assert.Equal(WeightBytes, Weights(Output));
    }

    /// <summary>Does this again and again while the tool runs.</summary>
    private void Disturb(Action change)
    {
        for (int i = 0; i < Runs; i++)
        {
            File.WriteAllBytes(Model, _model);
            Task<MeasuredTool> run = Task.Run(Optimize);
            while (!run.IsCompleted)
            {
                Thread.Sleep(20);
                change();
            }

            Diagnosed.Check(run.Result);
            if (run.Result.ExitCode == 0 && File.Exists(Output))
                Assert.Contains(Weights(Output), (long[])[WeightBytes, 100_000]);
        }
    }

    private MeasuredTool Optimize() => MeasuredTool.Run("optimize", Model, "-o", Output, "--no-verify");

    /// <summary>The bytes of weights in a model that the tool wrote whole.</summary>
    private static long Weights(string path)
    {
        using Onnx.Model model = Onnx.ModelReader.Read(path);
        return model.Graph.Initializers.Sum(w => w.Initializer!.ByteLength);
    }

    private static byte[] WithWeights(int bytes)
    {
        ModelProto model = Small(Node("Add", ["x", "w"], "z"));
        model.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 1, Dims = { bytes / 16, 4 }, RawData = ByteString.CopyFrom([.. Enumerable.Repeat((byte)0x3f, bytes)]) });
        model.Graph.Output.Add(Float("z", bytes / 16, 4));
        return model.ToByteArray();
    }
}
