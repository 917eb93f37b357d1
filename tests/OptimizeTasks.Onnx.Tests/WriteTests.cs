using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Onnx.Tests;

public sealed class WriteTests : IDisposable
{
    private const int Megabyte = 1 << 20;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Weights_are_not_read_with_the_model()
    {
        ModelWriter.Write(SmallModel.Add(10 * Megabyte), _folder["m.onnx"]);
        ModelReader.Read(_folder["m.onnx"]).Dispose();
        long before = GC.GetAllocatedBytesForCurrentThread();
        using Model model = ModelReader.Read(_folder["m.onnx"]);
        ModelWriter.Write(model, _folder["copy.onnx"]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 * Megabyte);
        Assert.True(File.ReadAllBytes(_folder["m.onnx"]).AsSpan().SequenceEqual(File.ReadAllBytes(_folder["copy.onnx"])));
    }

    [Fact]
    public void The_file_that_was_read_can_be_written()
    {
        ModelWriter.Write(SmallModel.Add(3 * Megabyte), _folder["m.onnx"]);
        using (Model model = ModelReader.Read(_folder["m.onnx"]))
        {
            model.Graph.AddInitializer("more", Tensor.OfFloat(1));
            ModelWriter.Write(model, _folder["m.onnx"]);
        }

        using Model again = ModelReader.Read(_folder["m.onnx"]);
        Assert.Equal(2, again.Graph.Initializers.Count);
        Assert.Equal(3f * Megabyte - 1, again.Graph.Find("w")!.Constant!.Read<float>()[^1]);
        Assert.Equal(["m.onnx"], Files());
    }

    [Fact]
    public void Large_weights_go_to_the_data_file_aligned()
    {
        var graph = new Graph();
        Value x = graph.AddInput("x");
        foreach (int count in (int[])[1, 300, Megabyte / 4, 5, 500, Megabyte / 2])
            x = graph.Apply("Add", [x, graph.AddInitializer("w", Tensor.Create<float>(ElementType.Float, [count], [.. Enumerable.Range(0, count)]))], "y");
        graph.AddOutput(x);
        ModelWriter.Write(SmallModel.Around(graph), _folder["m.onnx"], new WriteOptions { ExternalData = true });

        ModelProto message = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_folder["m.onnx"]));
        Assert.Equal([false, true, true, false, true, true], message.Graph.Initializer.Select(t => t.DataLocation == TensorProto.Types.DataLocation.External));
        Assert.Equal(["0", "65536", "1114112", "1179648"], message.Graph.Initializer.SelectMany(t => t.ExternalData).Where(e => e.Key == "offset").Select(e => e.Value));
        Assert.All(message.Graph.Initializer.SelectMany(t => t.ExternalData).Where(e => e.Key == "location"), e => Assert.Equal("m.onnx.data", e.Value));
        Assert.Equal(["m.onnx", "m.onnx.data"], Files());
        using Model model = ModelReader.Read(_folder["m.onnx"]);
        Assert.All(model.Graph.Initializers, v => Assert.Equal(v.Constant!.ElementCount - 1, v.Constant.Read<float>()[^1]));
        Assert.True(ModelWriter.ToBytes(SmallModel.Around(graph)).AsSpan().SequenceEqual(ModelWriter.ToBytes(model)));
    }

    [Fact]
    public void Data_that_tensors_share_is_stored_once()
    {
        var graph = new Graph();
        Tensor tensor = Tensor.Create<float>(ElementType.Float, [1000], new float[1000]);
        Value a = graph.AddInitializer("a", tensor);
        Value b = graph.AddInitializer("b", new Tensor(ElementType.Float, [10, 100], tensor.Data));
        graph.AddOutput(graph.Apply("Add", [a, b], "y"));
        ModelWriter.Write(SmallModel.Around(graph), _folder["m.onnx"], new WriteOptions { ExternalData = true });
        Assert.Equal(4000, new FileInfo(_folder["m.onnx.data"]).Length);
    }

    [Fact]
    public void Without_large_weights_there_is_no_data_file()
    {
        ModelWriter.Write(SmallModel.Add(10), _folder["m.onnx"], new WriteOptions { ExternalData = true });
        Assert.Equal(["m.onnx"], Files());
    }

    [Fact]
    public void Both_files_that_were_read_can_be_written()
    {
        ModelWriter.Write(SmallModel.Add(Megabyte), _folder["m.onnx"], new WriteOptions { ExternalData = true });
        using Model model = ModelReader.Read(_folder["m.onnx"]);
        ModelWriter.Write(model, _folder["m.onnx"], new WriteOptions { ExternalData = true });
        using Model again = ModelReader.Read(_folder["m.onnx"]);
        Assert.Equal(Megabyte - 1, again.Graph.Find("w")!.Constant!.Read<float>()[^1]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_failure_leaves_what_was_there(bool external)
    {
        File.WriteAllText(_folder["m.onnx"], "before");
        Model model = SmallModel.Add(new Tensor(ElementType.Float, [Megabyte], new FailingData(4L * Megabyte, () => throw new ModelFormatException("broken"))));
        Assert.Throws<ModelFormatException>(() => ModelWriter.Write(model, _folder["m.onnx"], new WriteOptions { ExternalData = external }));
        Assert.Equal(["m.onnx"], Files());
        Assert.Equal("before", File.ReadAllText(_folder["m.onnx"]));
    }

    [Fact]
    public void Cancelling_leaves_what_was_there()
    {
        File.WriteAllText(_folder["m.onnx"], "before");
        using var cancellation = new CancellationTokenSource();
        Model model = SmallModel.Add(new Tensor(ElementType.Float, [Megabyte], new FailingData(4L * Megabyte, cancellation.Cancel)));
        Assert.ThrowsAny<OperationCanceledException>(() => ModelWriter.Write(model, _folder["m.onnx"], cancellationToken: cancellation.Token));
        Assert.Equal(["m.onnx"], Files());
        Assert.Equal("before", File.ReadAllText(_folder["m.onnx"]));
    }

    [Fact]
    public void Reading_can_be_cancelled() =>
        Assert.ThrowsAny<OperationCanceledException>(() => ModelReader.Read(ModelWriter.ToBytes(SmallModel.Add(1)), new CancellationToken(true)));

    [Fact]
    public void A_target_that_is_a_folder_is_an_error_without_traces()
    {
        Directory.CreateDirectory(_folder["m.onnx"]);
        Exception? e = Record.Exception(() => ModelWriter.Write(SmallModel.Add(1), _folder["m.onnx"]));
        Assert.True(e is IOException or UnauthorizedAccessException);
        Assert.Equal(["m.onnx"], Files());
    }

    [Fact]
    public void More_than_two_gigabytes_do_not_fit_into_memory_or_a_stream()
    {
        Model model = SmallModel.Add(new Tensor(ElementType.Float, [1L << 30], new FailingData(4L << 30, () => throw new InvalidOperationException("was read"))));
        Assert.Throws<ModelFormatException>(() => ModelWriter.ToBytes(model));
        Assert.Throws<ModelFormatException>(() => ModelWriter.Write(model, Stream.Null));
    }

    [Fact]
    [Trait("Lane", "Long")]
    public void More_than_two_gigabytes_go_to_the_data_file_by_themselves()
    {
        const long Length = (2L << 30) + 4;
        ModelWriter.Write(SmallModel.Add(new Tensor(ElementType.Float, [Length / 4], new FailingData(Length, () => { }))), _folder["m.onnx"]);
        Assert.Equal(Length, new FileInfo(_folder["m.onnx.data"]).Length);
        using Model model = ModelReader.Read(_folder["m.onnx"]);
        Assert.Equal(Length, model.Graph.Find("w")!.Constant!.ByteLength);
    }

    [Fact]
    public void Weights_can_be_read_after_the_model_was_disposed_of()
    {
        ModelWriter.Write(SmallModel.Add(5000), _folder["m.onnx"]);
        Model model = ModelReader.Read(_folder["m.onnx"]);
        Tensor tensor = model.Graph.Find("w")!.Constant!;
        model.Dispose();
        Assert.Equal(4999f, tensor.Read<float>()[^1]);
    }

    [Fact]
    public void Weights_of_a_file_that_changed_are_not_mistaken()
    {
        ModelWriter.Write(SmallModel.Add(5000), _folder["m.onnx"]);
        Model model = ModelReader.Read(_folder["m.onnx"]);
        Tensor tensor = model.Graph.Find("w")!.Constant!;
        model.Dispose();
        ModelWriter.Write(SmallModel.Add(6000), _folder["m.onnx"]);
        Assert.Contains("changed", Assert.Throws<ModelFormatException>(() => tensor.Data.ReadAll()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_can_be_read_by_several_threads()
    {
        ModelWriter.Write(SmallModel.Add(Megabyte), _folder["m.onnx"]);
        using Model model = ModelReader.Read(_folder["m.onnx"]);
        TensorData data = model.Graph.Find("w")!.Constant!.Data;
        Parallel.For(0, 64, i =>
        {
            var bytes = new byte[4];
            data.Read(i * 4000L, bytes);
            Assert.Equal(i * 1000f, BitConverter.ToSingle(bytes));
        });
    }

    [Fact]
    public void A_range_cannot_be_left()
    {
        ModelWriter.Write(SmallModel.Add(5000), _folder["m.onnx"]);
        using Model model = ModelReader.Read(_folder["m.onnx"]);
        TensorData data = model.Graph.Find("w")!.Constant!.Data;
        Assert.Throws<ArgumentOutOfRangeException>(() => data.Read(-1, new byte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => data.Read(data.Length - 1, new byte[2]));
    }

    private IEnumerable<string> Files() => Directory.GetFileSystemEntries(_folder.Path).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal);

    /// <summary>Zeros; something happens when they are read.</summary>
    private sealed class FailingData(long length, Action onRead) : TensorData
    {
        public override long Length => length;

        public override void Read(long offset, Span<byte> destination)
        {
            onRead();
            destination.Clear();
        }
    }
}
