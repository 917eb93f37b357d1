using System.Text.Json;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Tool.Tests;

public sealed class DiffTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_does_not_differ_from_itself()
    {
        SampleModels.WriteDense(_folder["a.onnx"]);

        ToolRun run = ToolProcess.Run("diff", _folder["a.onnx"], _folder["a.onnx"], "--weights");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.EndsWith("\nNo difference\n", run.Output, StringComparison.Ordinal);
    }

    [SharedModelFact]
    public void What_compiling_does_to_a_real_model_is_told()
    {
        string model = SharedModels.Path("transformers/bert-tiny.onnx");
        Assert.Equal(0, ToolProcess.Run("optimize", model, "-o", _folder["out.onnx"], "--no-verify").ExitCode);

        using JsonDocument json = Diff(model, _folder["out.onnx"]);

        JsonElement root = json.RootElement;
        Dictionary<string, int> before = Operators(model), after = Operators(_folder["out.onnx"]);
        Assert.Equal((before.Values.Sum(), after.Values.Sum()), Pair(root.GetProperty("nodeCount")));
        Assert.Equal((new FileInfo(model).Length, new FileInfo(_folder["out.onnx"]).Length), (root.GetProperty("bytes").GetProperty("a").GetInt64(), root.GetProperty("bytes").GetProperty("b").GetInt64()));
        Assert.Equal(
            before.Keys.Union(after.Keys).Where(name => before.GetValueOrDefault(name) != after.GetValueOrDefault(name)).Order(StringComparer.Ordinal),
            root.GetProperty("operators").EnumerateArray().Select(o => o.GetProperty("name").GetString()!));
        Assert.Empty(root.GetProperty("interface").EnumerateArray());
        JsonElement nodes = root.GetProperty("nodes");
        Assert.Equal(before.Values.Sum() - after.Values.Sum(), nodes.GetProperty("removed").GetArrayLength() - nodes.GetProperty("added").GetArrayLength());
        Assert.Contains("\nOperators (", ToolProcess.Run("diff", model, _folder["out.onnx"]).Output, StringComparison.Ordinal);

        static (int A, int B) Pair(JsonElement change) => (change.GetProperty("a").GetInt32(), change.GetProperty("b").GetInt32());
    }

    [Fact]
    public void Every_kind_of_change_has_its_place()
    {
        Write("a.onnx", 17, "x", ElementType.Float, axis: 1, weight: 1, length: 4);
        Write("b.onnx", 18, "z", ElementType.Float16, axis: 0, weight: 1, length: 5);

        using JsonDocument json = Diff(_folder["a.onnx"], _folder["b.onnx"]);

        JsonElement root = json.RootElement;
        Assert.Equal(
            ["input x float[4] → ", "input z  → float16[5]", "output y float[4] → float16[5]"],
            root.GetProperty("interface").EnumerateArray().Select(v => $"{v.GetProperty("kind")} {v.GetProperty("name")} {v.GetProperty("a")} → {v.GetProperty("b")}"));
        JsonElement opset = Assert.Single(root.GetProperty("opsets").EnumerateArray());
        Assert.Equal(("ai.onnx", 17, 18), (opset.GetProperty("name").GetString(), opset.GetProperty("a").GetInt32(), opset.GetProperty("b").GetInt32()));
        JsonElement node = root.GetProperty("nodes").GetProperty("changed").EnumerateArray().Single(c => c.GetProperty("what").GetString() == "axis");
        Assert.Equal(("y", "1", "0"), (node.GetProperty("name").GetString(), node.GetProperty("a").GetString(), node.GetProperty("b").GetString()));
        JsonElement weight = Assert.Single(root.GetProperty("initializers").GetProperty("changed").EnumerateArray());
        Assert.Equal(("w", "type"), (weight.GetProperty("name").GetString(), weight.GetProperty("what").GetString()));
    }

    [Fact]
    public void Contents_of_weights_are_compared_when_asked()
    {
        Write("a.onnx", 17, "x", ElementType.Float, axis: 0, weight: 1, length: 4);
        Write("b.onnx", 17, "x", ElementType.Float, axis: 0, weight: 2, length: 4);

        Assert.Contains("No difference", ToolProcess.Run("diff", _folder["a.onnx"], _folder["b.onnx"]).Output, StringComparison.Ordinal);
        Assert.Matches(@"Initializers that differ \(1\)\n  w  content", ToolProcess.Run("diff", _folder["a.onnx"], _folder["b.onnx"], "--weights").Output);
    }

    [Fact]
    public void A_file_that_is_no_model_is_one_diagnostic()
    {
        Write("a.onnx", 17, "x", ElementType.Float, axis: 0, weight: 1, length: 4);
        File.WriteAllText(_folder["b.onnx"], "no model");

        ToolRun run = ToolProcess.Run("diff", _folder["a.onnx"], _folder["b.onnx"]);

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith(_folder["b.onnx"] + " : error OPT1002: ", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_of_any_length_and_kind_fit_the_terminal()
    {
        Write("a.onnx", 17, "x", ElementType.Float, axis: 0, weight: 1, length: 4);
        Write("b.onnx", 17, new string('n', 1_000_000) + "\u001b[31m", ElementType.Float, axis: 0, weight: 1, length: 4);

        ToolRun run = ToolProcess.Run("diff", _folder["a.onnx"], _folder["b.onnx"]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.True(run.Output.Length < 5000);
        Assert.DoesNotContain('\u001b', run.Output);
    }

    private static JsonDocument Diff(string a, string b)
    {
        ToolRun run = ToolProcess.Run("diff", a, b, "--format", "json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return JsonDocument.Parse(run.Output);
    }

    private static Dictionary<string, int> Operators(string path)
    {
        using Model model = ModelReader.Read(path);
        return model.Graph.AllNodes().GroupBy(n => n.Domain.Length == 0 ? n.OpType : $"{n.Domain}.{n.OpType}").ToDictionary(g => g.Key, g => g.Count());
    }

    /// <summary>y = Concat(x, w) in name alone: nothing runs it.</summary>
    private void Write(string name, long opset, string input, ElementType type, long axis, short weight, int length)
    {
        var graph = new Graph("g");
        var tensor = new TensorType(type, new Shape(Dimension.Of(length)));
        Value x = graph.AddInput(input, tensor);
        Value w = graph.AddInitializer("w", Tensor.Create<short>(type == ElementType.Float ? ElementType.Int16 : ElementType.UInt16, [1], [weight]));
        Value y = graph.Apply("Concat", [x, w], "y", [new IntAttribute("axis", axis)]);
        y.Type = tensor;
        graph.AddOutput(y);
        using var model = new Model(graph) { IrVersion = 8, Opsets = { [""] = opset } };
        ModelWriter.Write(model, _folder[name]);
    }
}
