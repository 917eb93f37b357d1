using System.Diagnostics;
using System.Text.Json;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using OptimizeTasks.Tool.Compilation;

namespace OptimizeTasks.Tool.Tests;

/// <summary>The cache as processes see it that share it.</summary>
public sealed class CacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public CacheTests() => SampleModels.WriteDense(_folder["in.onnx"], externalData: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_is_compiled_once_and_the_copy_is_the_same()
    {
        AssertCompiled(Optimize("a/m.onnx"));
        AssertCached(Optimize("b/m.onnx", "--class-name", "Other", "--generate-source", "true", "--report", _folder["b/report.json"]));

        Assert.Equal(Files("a"), Files("b").Where(file => file.Name.StartsWith("m.", StringComparison.Ordinal) && !file.Name.EndsWith(".cs", StringComparison.Ordinal)));
        Assert.Contains("class Other ", File.ReadAllText(_folder["b/m.g.cs"]), StringComparison.Ordinal);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(_folder["b/report.json"]));
        Assert.True(report.RootElement.GetProperty("isCached").GetBoolean());
        Assert.Equal(4, report.RootElement.GetProperty("before").GetProperty("nodes").GetInt32());
    }

    [Fact]
    public void What_is_done_to_a_copy_stays_there()
    {
        AssertCompiled(Optimize("a/m.onnx"));
        AssertCached(Optimize("b/m.onnx"));
        byte[] right = File.ReadAllBytes(_folder["a/m.onnx"]);

        File.WriteAllBytes(_folder["b/m.onnx"], [1, 2, 3]);
        File.AppendAllText(_folder["a/m.onnx"], "more");

        AssertCached(Optimize("c/m.onnx"));
        Assert.Equal(right, File.ReadAllBytes(_folder["c/m.onnx"]));
    }

    [Fact]
    public void Other_samples_are_compiled_with_and_the_same_ones_elsewhere_are_not()
    {
        NumpyFile.WriteArchive(_folder["one.npz"], ("x", NumpyFile.Of("<f4", [2, 4], new float[8])));
        NumpyFile.WriteArchive(_folder["two.npz"], ("x", NumpyFile.Of("<f4", [2, 4], [1f, 0, 0, 0, 0, 0, 0, 0])));
        Directory.CreateDirectory(_folder["moved"]);
        File.Copy(_folder["one.npz"], _folder["moved/other.npz"]);

        AssertCompiled(Optimize("a/m.onnx", "--calibration-data", _folder["one.npz"]));
        AssertCompiled(Optimize("b/m.onnx", "--calibration-data", _folder["two.npz"]));
        AssertCached(Optimize("c/m.onnx", "--calibration-data", _folder["moved"]));
    }

    [Fact]
    public void Another_model_option_or_name_is_compiled()
    {
        AssertCompiled(Optimize("a/m.onnx"));
        AssertCompiled(Optimize("a/n.onnx"));
        AssertCompiled(Optimize("b/m.onnx", "--no-verify"));
        byte[] data = File.ReadAllBytes(_folder["in.onnx.data"]);
        data[5] ^= 1;
        File.WriteAllBytes(_folder["in.onnx.data"], data);
        AssertCompiled(Optimize("b/m.onnx"));
    }

    [Fact]
    public void Who_does_not_ask_for_it_gets_no_cache()
    {
        Assert.Equal(0, Wait(Start(["optimize", _folder["in.onnx"], "-o", _folder["a/m.onnx"]])).ExitCode);

        Assert.False(Directory.Exists(_folder["cache"]));
    }

    [Fact]
    public void A_damaged_entry_is_noticed_and_made_again()
    {
        AssertCompiled(Optimize("a/m.onnx"));
        string path = Path.Combine(Assert.Single(Directory.GetDirectories(_folder["cache"])), "m.onnx");
        byte[] content = File.ReadAllBytes(path);
        content[content.Length / 2] ^= 0x10;
        File.WriteAllBytes(path, content);

        AssertCompiled(Optimize("b/m.onnx"));
        AssertCached(Optimize("c/m.onnx"));
        Assert.Equal(Files("a"), Files("b"));
        Assert.Equal(Files("a"), Files("c"));
    }

    [Fact]
    public void Builds_at_the_same_time_compile_a_model_once()
    {
        Process[] processes = [.. Enumerable.Range(0, 4).Select(i => StartOptimize($"{i}/m.onnx"))];
        ToolRun[] runs = [.. processes.Select(Wait)];

        Assert.All(runs, run => Assert.Equal((0, ""), (run.ExitCode, run.Error)));
        Assert.Equal(3, runs.Count(run => run.Output.Contains("  [cached, ", StringComparison.Ordinal)));
        Assert.All([1, 2, 3], i => Assert.Equal(Files("0"), Files(i.ToString(System.Globalization.CultureInfo.InvariantCulture))));
        Assert.Empty(Directory.GetFiles(_folder["cache"]));
    }

    [Fact]
    public void A_build_that_was_killed_is_in_nobodys_way()
    {
        AssertCompiled(Optimize("a/m.onnx"));
        string entry = Assert.Single(Directory.GetDirectories(_folder["cache"]));
        Directory.Delete(entry, recursive: true);
        File.WriteAllText(entry + ".lock", "");
        Directory.CreateDirectory(_folder["cache/half.partial"]);
        Directory.SetLastWriteTimeUtc(_folder["cache/half.partial"], DateTime.UtcNow.AddDays(-2));

        AssertCompiled(Optimize("b/m.onnx"));

        Assert.Equal([entry], Directory.GetFileSystemEntries(_folder["cache"]));
    }

    [Fact]
    public void Two_models_for_one_output_never_mix()
    {
        SampleModels.WriteDense(_folder["in.onnx"], externalData: true, columns: 5000);
        SampleModels.WriteDense(_folder["other.onnx"], externalData: true, scale: 2, columns: 5000);
        string[] hashes = [.. new[] { "in.onnx", "other.onnx" }.Select(name => Checksum.Of([_folder[name], _folder[name + ".data"]], CancellationToken.None))];
        Assert.NotEqual(hashes[0], hashes[1]);
        float[] scales = [1, 2];

        for (int round = 0; round < 2; round++)
        {
            Process[] processes = [.. new[] { "in.onnx", "other.onnx" }.Select(name => Start(["optimize", _folder[name], "-o", _folder["out/m.onnx"], "--no-verify", "--cache", "--external-data", "true"]))];
            Assert.All(processes.Select(Wait).ToArray(), run => Assert.Equal(0, run.ExitCode));

            int winner = Array.IndexOf(hashes, CompiledModel.ReadFile(_folder["out/m.model.json"]).SourceHash);
            using Model model = ModelReader.Read(_folder["out/m.onnx"]);
            float weight = model.Graph.Initializers.Single().Constant!.Read<float>()[1];
            Assert.Equal(scales[winner] * MathF.Sin(1), weight);
        }
    }

    [Fact]
    public void A_folder_that_cannot_be_one_costs_a_message()
    {
        File.WriteAllText(_folder["cache"], "a file");

        ToolRun run = Optimize("a/m.onnx");

        AssertCompiled(run, expectedError: " : message OPT5010: ");
        Assert.True(File.Exists(_folder["a/m.onnx"]));
    }

    [TmpfsFact]
    public void A_cache_that_cannot_be_written_costs_a_message()
    {
        using var tmpfs = new Tmpfs(_folder["cache"], "1m", readOnly: true);

        AssertCompiled(Optimize("a/m.onnx"), expectedError: " : message OPT5010: ");
    }

    [TmpfsFact]
    public void A_full_disk_costs_a_message()
    {
        using var tmpfs = new Tmpfs(_folder["cache"], "8k", readOnly: false);
        SampleModels.WriteDense(_folder["in.onnx"]);

        ToolRun run = Optimize("a/m.onnx");

        AssertCompiled(run, expectedError: " : message OPT5010: ");
        Assert.Equal(["m.model.json", "m.onnx"], Files("a").Select(file => file.Name));
        Assert.Empty(Directory.GetFileSystemEntries(_folder["cache"]));
    }

    [Fact]
    public void The_cache_is_listed_and_emptied()
    {
        AssertCompiled(Optimize("a/m.onnx"));
        Directory.CreateDirectory(_folder["cache/of somebody else"]);

        ToolRun list = Wait(Start(["cache", "list"]));
        Assert.Matches(@"\n  \S*in\.onnx  [0-9a-f]{12}  +[\d.]+ kB +just now\n1 model, ", list.Output);

        using JsonDocument json = JsonDocument.Parse(Wait(Start(["cache", "list", "--format", "json"])).Output);
        JsonElement entry = json.RootElement.EnumerateArray().Single();
        Assert.Equal(64, entry.GetProperty("key").GetString()!.Length);
        Assert.Equal(Directory.GetFiles(_folder["a"]).Sum(path => new FileInfo(path).Length), entry.GetProperty("bytes").GetInt64());
        Assert.True(DateTime.UtcNow - entry.GetProperty("lastUsed").GetDateTime() < TimeSpan.FromMinutes(5));

        Assert.Matches(@"^[\d.]+ kB removed\n$", Wait(Start(["cache", "clear"])).Output);
        Assert.Equal("0 models, 0 B\n", Wait(Start(["cache", "list"])).Output);
        Assert.True(Directory.Exists(_folder["cache/of somebody else"]));
        AssertCompiled(Optimize("a/m.onnx"));
    }

    [Fact]
    public void A_cache_that_is_not_there_is_empty()
    {
        Assert.Equal("0 models, 0 B\n", Wait(Start(["cache", "list"])).Output);
        Assert.Equal("[]\n", Wait(Start(["cache", "list", "--format", "json"])).Output);
        Assert.Equal("0 B removed\n", Wait(Start(["cache", "clear"])).Output);
    }

    [Fact]
    public void A_wrong_setting_is_an_error()
    {
        ToolRun run = Wait(ToolProcess.Start([("OptimizeTasksCacheDays", "many")], "cache", "list"));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(" : error OPT5002: OptimizeTasksCacheDays is 'many'", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Warnings_are_repeated()
    {
        using (var model = new Model(new Graph("idle")) { IrVersion = 8, Opsets = { [""] = 17 } })
            ModelWriter.Write(model, _folder["in.onnx"]);

        AssertCompiled(Optimize("a/m.onnx"), expectedError: " : warning OPT2002: ");
        ToolRun again = Optimize("a/m.onnx");

        Assert.Contains("  [cached, ", again.Output, StringComparison.Ordinal);
        Assert.StartsWith(_folder["in.onnx"] + " : warning OPT2002: ", Assert.Single(again.ErrorLines), StringComparison.Ordinal);
    }

    private static ToolRun Wait(Process process)
    {
        using (process)
            return ToolProcess.Wait(process);
    }

    private static void AssertCompiled(ToolRun run, string expectedError = "")
    {
        Assert.Contains(expectedError, run.Error, StringComparison.Ordinal);
        Assert.Equal(expectedError.Length == 0 ? 0 : 1, run.ErrorLines.Length);
        Assert.Equal(0, run.ExitCode);
        Assert.DoesNotContain("cached", run.Output, StringComparison.Ordinal);
    }

    private static void AssertCached(ToolRun run)
    {
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("  [cached, ", run.Output, StringComparison.Ordinal);
    }

    private ToolRun Optimize(string output, params string[] options) => Wait(StartOptimize(output, options));

    private Process StartOptimize(string output, params string[] options) =>
        Start(["optimize", _folder["in.onnx"], "-o", _folder[output], "--cache", .. options]);

    private Process Start(IEnumerable<string> arguments) => ToolProcess.Start([("OptimizeTasksCachePath", _folder["cache"])], arguments);

    private IReadOnlyList<(string Name, string Bytes)> Files(string folder) =>
        [.. Directory.GetFiles(_folder[folder]).Order(StringComparer.Ordinal).Select(path => (Path.GetFileName(path), Convert.ToBase64String(File.ReadAllBytes(path))))];
}
