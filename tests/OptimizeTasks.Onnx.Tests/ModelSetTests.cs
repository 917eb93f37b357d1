using OptimizeTasks.Testing;

namespace OptimizeTasks.Onnx.Tests;

public sealed class ModelSetTests : IDisposable
{
    private const int Count = 5000;
    private static readonly WriteOptions s_external = new() { ExternalData = true };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Weights_that_models_share_are_stored_once()
    {
        Put(_folder["original.onnx"], ("a", Numbers(1)), ("b", Numbers(2)));
        using Model first = ModelReader.Read(_folder["original.onnx"]);
        Model third = first.Copy();
        third.Graph.Find("b")!.Name = "renamed";
        third.Graph.SetInitializer(third.Graph.AddValue("own"), Numbers(3));
        third.Graph.AddOutput(third.Graph.Apply("Identity", [third.Graph.Find("own")], "z"));

        Write(s_external, (first, "m.onnx"), (third, "m.other.onnx"));

        Assert.Equal(["m.onnx", "m.onnx.data", "m.other.onnx", "original.onnx"], Files());
        // Each begins at a multiple of 64 bytes.
        Assert.Equal((2 * 20032) + 20000, new FileInfo(_folder["m.onnx.data"]).Length);
        Assert.Equal(2f, First("m.onnx", "b"));
        Assert.Equal(1f, First("m.other.onnx", "a"));
        Assert.Equal(2f, First("m.other.onnx", "renamed"));
        Assert.Equal(3f, First("m.other.onnx", "own"));
    }

    [Fact]
    public void Equal_computations_of_several_models_are_computed_and_stored_once()
    {
        var one = new Doubled(Numbers(1));
        var other = new Doubled(one.Source);
        Model first = SmallModel.Add(new Tensor(ElementType.Float, [Count], one.Outputs[0]));
        Model second = SmallModel.Add(new Tensor(ElementType.Float, [Count], other.Outputs[0]));
        second.Graph.Name = "second";

        Write(s_external, (first, "m.onnx"), (second, "m.other.onnx"));

        Assert.Equal(1, one.Computed + other.Computed);
        Assert.Equal(Count * sizeof(float), new FileInfo(_folder["m.onnx.data"]).Length);
        Assert.Equal(2f, First("m.onnx", "w"));
        Assert.Equal(2f, First("m.other.onnx", "w"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Equal_models_are_one_file(bool external)
    {
        Model model = SmallModel.Add(Numbers(1)), equal = SmallModel.Add(Numbers(1)), another = SmallModel.Add(Numbers(2));
        equal.Graph.SetInitializer(equal.Graph.Find("w")!, external ? model.Graph.Find("w")!.Initializer : Numbers(1));

        string[] paths = Write(new WriteOptions { ExternalData = external }, (model, "m.onnx"), (equal, "m.equal.onnx"), (another, "m.another.onnx"));

        Assert.Equal([_folder["m.onnx"], _folder["m.onnx"], _folder["m.another.onnx"]], paths);
        Assert.Equal(external ? ["m.another.onnx", "m.onnx", "m.onnx.data"] : ["m.another.onnx", "m.onnx"], Files());
        Assert.Equal(1f, First("m.onnx", "w"));
        Assert.Equal(2f, First("m.another.onnx", "w"));
    }

    [Fact]
    public void Nothing_appears_before_all_is_there()
    {
        using (var writer = new ModelSetWriter(_folder["m.onnx.data"], s_external))
        {
            writer.Add(SmallModel.Add(Numbers(1)), _folder["m.onnx"]);
            Assert.DoesNotContain("m.onnx", Files());
        }

        Assert.Empty(Files());
    }

    private string[] Write(WriteOptions options, params (Model Model, string Name)[] models)
    {
        using var writer = new ModelSetWriter(_folder["m.onnx.data"], options);
        string[] paths = [.. models.Select(m => writer.Add(m.Model, _folder[m.Name]))];
        writer.Commit();
        return paths;
    }

    private string[] Files() => [.. Directory.GetFiles(_folder.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private float First(string file, string name)
    {
        using Model model = ModelReader.Read(_folder[file]);
        return Assert.Single(model.Graph.Find(name)!.Constant!.Read<float>().ToArray().Distinct());
    }

    private static Tensor Numbers(float number)
    {
        float[] numbers = new float[Count];
        Array.Fill(numbers, number);
        return Tensor.Create<float>(ElementType.Float, [Count], numbers);
    }

    private static void Put(string path, params (string Name, Tensor Tensor)[] weights)
    {
        var graph = new Graph("g");
        foreach ((string name, Tensor tensor) in weights)
            graph.AddOutput(graph.Apply("Identity", [graph.AddInitializer(name, tensor)], "of_" + name));
        ModelWriter.Write(SmallModel.Around(graph), path);
    }

    /// <summary>Twice the numbers of a tensor.</summary>
    private sealed class Doubled(Tensor source) : TensorComputation(source.ByteLength)
    {
        public Tensor Source => source;

        public int Computed { get; private set; }

        public override int PieceCount => 1;

        public override long PieceBytes => source.ByteLength;

        public override void Compute(int piece, ComputedBytes sink)
        {
            Computed++;
            sink(0, 0, System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>([.. source.Read<float>().ToArray().Select(x => 2 * x)]));
        }

        public override bool Equals(object? obj) => obj is Doubled other && other.Source == Source;

        public override int GetHashCode() => Source.GetHashCode();
    }
}
