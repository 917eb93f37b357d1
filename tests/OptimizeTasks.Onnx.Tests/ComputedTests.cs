using System.Runtime.InteropServices;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Onnx.Tests;

public sealed class ComputedTests : IDisposable
{
    private const int Megabyte = 1 << 20;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Computed_tensors_are_written_to_their_places(bool external)
    {
        var squares = new Squares(3000, 70);
        ModelWriter.Write(Model(squares), _folder["m.onnx"], new WriteOptions { ExternalData = external });
        using Model model = ModelReader.Read(_folder["m.onnx"]);
        Assert.Equal(Enumerable.Range(0, 3000).Select(i => (float)(i * i)), model.Graph.Find("squares")!.Constant!.Read<float>().ToArray());
        Assert.Equal(Enumerable.Range(0, 3000).Select(i => (byte)(i % 2)), model.Graph.Find("odd")!.Constant!.Read<byte>().ToArray());
        Assert.Equal(external ? 2 : 1, Directory.GetFiles(_folder.Path).Length);
    }

    [Fact]
    public void Streams_memory_and_files_get_the_same_bytes()
    {
        byte[] bytes = ModelWriter.ToBytes(Model(new Squares(2000, 33)));
        using var stream = new MemoryStream();
        ModelWriter.Write(Model(new Squares(2000, 1000)), stream);
        ModelWriter.Write(Model(new Squares(2000, 7)), _folder["m.onnx"]);
        Assert.True(bytes.AsSpan().SequenceEqual(stream.ToArray()));
        Assert.True(bytes.AsSpan().SequenceEqual(File.ReadAllBytes(_folder["m.onnx"])));
    }

    [Fact]
    public void Tensors_of_one_computation_are_computed_together_and_stored_once()
    {
        var squares = new Squares(Megabyte, 1000);
        Model model = Model(squares);
        Value again = model.Graph.AddInitializer("again", new Tensor(ElementType.Float, [1, Megabyte], squares.Outputs[0]));
        model.Graph.AddOutput(model.Graph.Apply("Identity", [again], "z"));
        ModelWriter.Write(model, _folder["m.onnx"], new WriteOptions { ExternalData = true });
        Assert.Equal(squares.PieceCount, squares.Computed);
        Assert.Equal(5L * Megabyte, new FileInfo(_folder["m.onnx.data"]).Length);
    }

    [Fact]
    public void Pieces_that_take_much_memory_are_computed_one_at_a_time()
    {
        int running = 0, most = 0;
        var squares = new Squares(2000, 10) { Memory = 80L * Megabyte };
        squares.Failing = _ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            Thread.Yield();
            Interlocked.Decrement(ref running);
            return null;
        };
        ModelWriter.Write(Model(squares), _folder["m.onnx"]);
        Assert.Equal(1, most);
    }

    [Fact]
    public void Parts_can_be_read()
    {
        var part = new byte[400];
        new Squares(500, 70).Outputs[0].Read(240, part);
        Assert.Equal(Enumerable.Range(60, 100).Select(i => (float)(i * i)), MemoryMarshal.Cast<byte, float>(part).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => new Squares(10, 7).Outputs[0].Read(39, new byte[2]));
    }

    [Fact]
    public void Equal_computations_have_equal_results()
    {
        Assert.Equal(new Squares(5, 3).Outputs[0], new Squares(5, 3).Outputs[0]);
        Assert.NotEqual(new Squares(5, 3).Outputs[0], new Squares(5, 3).Outputs[1]);
        Assert.NotEqual(new Squares(5, 3).Outputs[0], new Squares(6, 3).Outputs[0]);
    }

    [Fact]
    public void The_first_failure_is_reported_and_leaves_what_was_there()
    {
        File.WriteAllText(_folder["m.onnx"], "before");
        for (int round = 0; round < 20; round++)
        {
            var failing = new Squares(1000, 10) { Failing = piece => piece is 17 or 18 or 60 ? new ModelFormatException($"piece {piece}") : null };
            Assert.Equal("piece 17", Assert.Throws<ModelFormatException>(() => ModelWriter.Write(Model(failing), _folder["m.onnx"])).Message);
        }

        Assert.Equal("before", File.ReadAllText(Assert.Single(Directory.GetFiles(_folder.Path))));
    }

    [Fact]
    public void Computing_can_be_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        var squares = new Squares(100_000, 10);
        squares.Failing = piece =>
        {
            if (piece == 100)
                cancellation.Cancel();
            return null;
        };
        Assert.ThrowsAny<OperationCanceledException>(() => ModelWriter.Write(Model(squares), _folder["m.onnx"], cancellationToken: cancellation.Token));
        Assert.InRange(squares.Computed, 1, 5000);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    private static Model Model(Squares squares)
    {
        var graph = new Graph();
        Value x = graph.AddInput("x");
        x = graph.Apply("Add", [x, graph.AddInitializer("before", Tensor.OfFloat(1))], "a");
        x = graph.Apply("Add", [x, graph.AddInitializer("odd", new Tensor(ElementType.UInt8, [squares.Count], squares.Outputs[1]))], "b");
        x = graph.Apply("Add", [x, graph.AddInitializer("squares", new Tensor(ElementType.Float, [squares.Count], squares.Outputs[0]))], "c");
        graph.AddOutput(graph.Apply("Add", [x, graph.AddInitializer("behind", Tensor.OfFloat(2))], "d"));
        return SmallModel.Around(graph);
    }

    /// <summary>The squares of numbers, and whether they are odd.</summary>
    private sealed class Squares(int count, int pieceLength) : TensorComputation(count * 4L, count)
    {
        private int _computed;

        public int Count => count;

        public int Computed => _computed;

        public Func<int, Exception?>? Failing { get; set; }

        public override int PieceCount => (count + pieceLength - 1) / pieceLength;

        public long Memory { get; init; } = pieceLength * 5;

        public override long PieceBytes => Memory;

        public override void Compute(int piece, ComputedBytes sink)
        {
            Interlocked.Increment(ref _computed);
            if (Failing?.Invoke(piece) is { } failure)
                throw failure;
            Span<float> squares = stackalloc float[50];
            Span<byte> odd = stackalloc byte[50];
            int end = Math.Min(count, (piece + 1) * pieceLength);
            for (int start = piece * pieceLength; start < end; start += 50)
            {
                int length = Math.Min(50, end - start);
                for (int i = 0; i < length; i++)
                    (squares[i], odd[i]) = ((float)((long)(start + i) * (start + i)), (byte)((start + i) % 2));
                sink(0, start * 4L, MemoryMarshal.AsBytes(squares[..length]));
                sink(1, start, odd[..length]);
            }
        }

        public override bool Equals(object? obj) => obj is Squares other && other.Count == Count;

        public override int GetHashCode() => Count;
    }
}
