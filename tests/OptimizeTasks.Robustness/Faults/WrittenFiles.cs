using System.Diagnostics;
using System.Globalization;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using OptimizeTasks.Robustness.Hostile;
using OptimizeTasks.Testing;

using ElementType = OptimizeTasks.Onnx.ElementType;

namespace OptimizeTasks.Robustness.Faults;

/// <summary>A folder with an output that is compiled anew: what was there before, and what is to be there afterwards.</summary>
internal sealed class WrittenFiles : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SortedDictionary<string, byte[]> _old;
    private readonly SortedDictionary<string, byte[]> _new;
    private readonly bool _hasData;

    /// <param name="hasData">Whether the weights have a file of their own.</param>
    public WrittenFiles(bool hasData)
    {
        _hasData = hasData;
        Write(_folder["old.onnx"], 1);
        Write(_folder["new.onnx"], 2);
        _new = Compile("new.onnx");
        _old = Compile("old.onnx");
        Assert.Equal(hasData ? ["out.model.json", "out.onnx", "out.onnx.data"] : ["out.model.json", "out.onnx"], _old.Keys);
    }

    public string Output => _folder["out"];

    /// <summary>The compilation that replaces the old output.</summary>
    public MeasuredTool Run() => MeasuredTool.Run(Arguments("new.onnx"));

    /// <summary>The same, watched: see <see cref="SystemCalls"/>.</summary>
    /// <returns>The run, and the calls that were seen.</returns>
    public (MeasuredTool Run, string[] Calls) Watch(int at, int error)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] watch = ["exec", typeof(WrittenFiles).Assembly.Location, "watch", Output, at.ToString(CultureInfo.InvariantCulture), error.ToString(CultureInfo.InvariantCulture), _folder["calls"]];
        foreach (string argument in (string[])[.. watch, "dotnet", "exec", MeasuredTool.Assembly, .. Arguments("new.onnx")])
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(1)))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException("the tool did not end");
        }

        return (new MeasuredTool(process.ExitCode, output.Result, errors.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries), default, 0), File.ReadAllLines(_folder["calls"]));
    }

    /// <summary>Puts the old output back.</summary>
    public void Restore()
    {
        if (Directory.Exists(Output))
            Directory.Delete(Output, recursive: true);
        Directory.CreateDirectory(Output);
        foreach ((string name, byte[] bytes) in _old)
            File.WriteAllBytes(Path.Combine(Output, name), bytes);
    }

    /// <summary>The manifest and the model that it names are the old ones or the new ones, with their own weights; so is the model of the usual name.</summary>
    public void AssertWhole(string when)
    {
        var manifest = CompiledModel.ReadFile(Path.Combine(Output, "out.model.json"));
        float scale = ScaleOf(manifest.Variants[0].File, when);
        Assert.True(manifest.SourceHash == SourceHash(scale == 1 ? _old : _new), $"the manifest is not that of its model {when}");
        ScaleOf("out.onnx", when);
    }

    /// <summary>All files are the old ones, or all the new ones, and nothing else is there.</summary>
    public void AssertOld(string when) => AssertSame(_old, when);

    /// <summary>All files are the new ones, and nothing else is there.</summary>
    public void AssertNew(string when) => AssertSame(_new, when);

    public void Dispose() => _folder.Dispose();

    /// <summary>What all weights of a model are multiplied with: 1 in the old one, 2 in the new one.</summary>
    private float ScaleOf(string name, string when)
    {
        using Model model = ModelReader.Read(Path.Combine(Output, name));
        float[] weights = model.Graph.Initializers.Single().Constant!.Read<float>().ToArray();
        float scale = weights[1] > 1 ? 2 : 1;
        Assert.True(weights.AsSpan().SequenceEqual(Weights(scale)), $"the weights of {name} are of no model {when}");
        return scale;
    }

    private static string SourceHash(SortedDictionary<string, byte[]> files) => CompiledModel.Read(files["out.model.json"]).SourceHash;

    private void AssertSame(SortedDictionary<string, byte[]> expected, string when)
    {
        SortedDictionary<string, byte[]> actual = Read();
        Assert.True(expected.Keys.SequenceEqual(actual.Keys), $"there are {string.Join(", ", actual.Keys)} {when}");
        Assert.All(expected.Keys, name => Assert.True(expected[name].AsSpan().SequenceEqual(actual[name]), $"{name} differs {when}"));
    }

    private SortedDictionary<string, byte[]> Compile(string model)
    {
        MeasuredTool run = MeasuredTool.Run(Arguments(model));
        Assert.Equal(0, run.ExitCode);
        return Read();
    }

    private string[] Arguments(string model) => ["optimize", _folder[model], "-o", Path.Combine(Output, "out.onnx"), "--no-verify", "--external-data", _hasData ? "true" : "false"];

    private SortedDictionary<string, byte[]> Read() => new(
        Directory.EnumerateFileSystemEntries(Output).ToDictionary(p => Path.GetFileName(p), p => File.Exists(p) ? File.ReadAllBytes(p) : []), StringComparer.Ordinal);

    /// <summary>y = x · w, where w takes 3 MB: several blocks.</summary>
    private static void Write(string path, float scale)
    {
        var graph = new Graph("dense");
        Value x = graph.AddInput("x", new TensorType(ElementType.Float, Shape.Of(1, 768)));
        Value w = graph.AddInitializer("w", Tensor.Create<float>(ElementType.Float, [768, 1000], Weights(scale)));
        Value y = graph.Apply("MatMul", [x, w], "y");
        y.Type = new TensorType(ElementType.Float, Shape.Of(1, 1000));
        graph.AddOutput(y);
        using var model = new Model(graph) { IrVersion = 8, Opsets = { [""] = 17 } };
        ModelWriter.Write(model, path);
    }

    private static float[] Weights(float scale) => [.. Enumerable.Range(0, 768_000).Select(i => scale * MathF.Sin(i))];
}
