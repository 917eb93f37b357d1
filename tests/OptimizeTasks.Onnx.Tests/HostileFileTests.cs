using Google.Protobuf;
using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Onnx.Tests;

public class HostileFileTests
{
    private const long AllocationLimit = 64 << 20;

    [Fact]
    public void A_file_cut_at_any_byte_is_refused()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = ModelWriter.ToBytes(SmallModel.Add(2000));
        for (int length = 0; length < whole.Length; length += length is > 150 and < 8000 ? 97 : 1)
        {
            var e = Assert.Throws<ModelFormatException>(() => ModelReader.Read(whole.AsMemory(0, length)));
            Assert.Equal(length == 0 ? ModelFault.NotAModel : ModelFault.Truncated, e.Fault);
            Assert.NotEmpty(e.Message);
        }
    }

    [Fact]
    public void A_message_cut_inside_is_refused()
    {
        byte[] graph = SmallModel.Message((["x"], ["y"])).Graph.ToByteArray();
        Assert.InRange(graph.Length, 1, 127);
        var accepted = new List<int>();
        for (int length = 0; length < graph.Length; length++)
        {
            // The graph's field has the length of the cut graph.
            byte[] bytes = [0x08, 0x08, 0x3a, (byte)length, .. graph[..length], 0x42, 0x02, 0x10, 0x11];
            try
            {
                ModelReader.Read(bytes);
                accepted.Add(length);
            }
            catch (ModelFormatException)
            {
            }
        }

        // An empty graph, and one without its output, which takes 5 bytes.
        Assert.Equal([0, graph.Length - 5], accepted);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Random_damage_is_refused_or_harmless(int seed)
    {
        var random = new Random(seed);
        byte[][] originals = [EveryField.Model(3).ToByteArray(), EveryField.Model(2000).ToByteArray(), ModelWriter.ToBytes(SmallModel.Add(5))];
        int refused = 0;
        for (int i = 0; i < 500; i++)
        {
            byte[] bytes = Damaged(originals[i % originals.Length], random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                ModelWriter.ToBytes(ModelReader.Read(bytes));
            }
            catch (ModelFormatException e)
            {
                Assert.NotEmpty(e.Message);
                refused++;
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllocationLimit);
        }

        Assert.InRange(refused, 50, 500);
    }

    [Theory]
    [InlineData("<!DOCTYPE html><html>")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5")]
    [InlineData("{ \"json\": 1 }")]
    [InlineData("PK\u0003\u0004")]
    [InlineData("\u0000\u0000\u0000\u0000")]
    [InlineData("hello")]
    public void Other_files_are_no_models(string text) => Assert.Equal(ModelFault.NotAModel, Fault(System.Text.Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void The_message_says_that_a_file_is_a_pointer() =>
        Assert.Contains("Git LFS", Assert.Throws<ModelFormatException>(() => ModelReader.Read("version https://git-lfs.github.com/spec/v1\n"u8.ToArray())).Message, StringComparison.Ordinal);

    [Fact]
    public void A_length_of_many_exabytes_is_refused() =>
        Assert.Equal(ModelFault.Truncated, Fault([0x08, 0x08, 0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]));

    [Fact]
    public void A_varint_without_end_is_refused() => Assert.Equal(ModelFault.NotAModel, Fault([0x08, .. Enumerable.Repeat((byte)0xff, 20)]));

    [Theory]
    [InlineData(new long[] { -1 })]
    [InlineData(new long[] { 3 })]
    [InlineData(new[] { long.MaxValue, 2 })]
    [InlineData(new[] { 1L << 62, 1, 4 })]
    [InlineData(new[] { 1L << 62 })]
    public void Sizes_that_do_not_fit_the_data_are_refused(long[] sizes) => Assert.Contains("'w'", Refused(t =>
    {
        t.Dims.Add(sizes);
        t.DataType = 1;
        t.RawData = ByteString.CopyFrom(0, 0, 0, 0);
    }), StringComparison.Ordinal);

    [Fact]
    public void A_tensor_of_more_dimensions_than_a_shape_may_have_is_refused() => Assert.Contains("1025 dimensions", Refused(t =>
    {
        t.Dims.Add(Enumerable.Repeat(1L, 1025));
        t.DataType = 1;
        t.RawData = ByteString.CopyFrom(0, 0, 0, 0);
    }), StringComparison.Ordinal);

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void Negative_sizes_of_sparse_tensors_are_refused(long size)
    {
        ModelProto model = SmallModel.Message((["x"], ["y"]));
        var values = new TensorProto { Name = "s", DataType = 1, Dims = { 0 } };
        model.Graph.SparseInitializer.Add(new SparseTensorProto { Values = values, Indices = new TensorProto { DataType = 7, Dims = { 0 } }, Dims = { size } });
        Assert.Throws<ModelFormatException>(() => ModelReader.Read(model.ToByteArray()));
    }

    [Fact]
    [Trait("Lane", "Long")]
    public void Millions_of_empty_nodes_are_refused()
    {
        const int Count = 2_000_000;
        var graph = new byte[2 * Count];
        for (int i = 0; i < graph.Length; i += 2)
            graph[i] = 0x0a;
        byte[] length = new byte[4];
        for (int i = 0, rest = graph.Length; i < length.Length; i++, rest >>= 7)
            length[i] = (byte)((rest & 0x7f) | (i < length.Length - 1 ? 0x80 : 0));
        Assert.Contains("nodes", Assert.Throws<ModelFormatException>(() => ModelReader.Read((byte[])[0x08, 0x08, 0x3a, .. length, .. graph])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_element_type_is_refused() => Assert.Contains("999", Refused(t => t.DataType = 999), StringComparison.Ordinal);

    [Fact]
    public void Text_in_raw_data_is_refused() => Refused(t =>
    {
        t.DataType = (int)ElementType.String;
        t.RawData = ByteString.CopyFromUtf8("a");
    });

    [Fact]
    public void Elements_in_two_fields_are_refused() => Refused(t =>
    {
        t.DataType = 1;
        t.FloatData.Add(1);
        t.RawData = ByteString.CopyFrom(0, 0, 0, 0);
    });

    [Fact]
    public void Elements_in_the_wrong_field_are_refused() => Refused(t =>
    {
        t.DataType = (int)ElementType.Int64;
        t.FloatData.Add([1, 2]);
    });

    [Theory]
    [InlineData(10)]
    [InlineData(1000)]
    [InlineData(30000)]
    public void Deep_graphs_are_refused(int padding)
    {
        ModelProto model = SmallModel.Message((["x"], ["y"]));
        GraphProto graph = model.Graph;
        for (int i = 0; i < 50; i++)
        {
            var outer = new GraphProto { Name = "outer" };
            var node = new NodeProto { OpType = "If", DocString = new string(' ', padding) };
            node.Attribute.Add(new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = graph });
            outer.Node.Add(node);
            graph = outer;
        }

        model.Graph = graph;
        Assert.Contains("nest", Assert.Throws<ModelFormatException>(() => ModelReader.Read(model.ToByteArray())).Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Deep_types_are_refused()
    {
        ModelProto model = SmallModel.Message((["x"], ["y"]));
        var type = new TypeProto();
        for (int i = 0; i < 200; i++)
            type = new TypeProto { SequenceType = new TypeProto.Types.Sequence { ElemType = type } };
        model.Graph.Input[0].Type = type;
        Assert.Throws<ModelFormatException>(() => ModelReader.Read(model.ToByteArray()));
    }

    [Fact]
    public void A_wrong_wire_type_is_refused() => Assert.Equal(ModelFault.NotAModel, Fault([0x08, 0x08, 0x38, 0x01]));

    private static byte[] Damaged(byte[] original, Random random)
    {
        byte[] bytes = [.. original];
        switch (random.Next(4))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                int cut = random.Next(bytes.Length);
                return [.. bytes[..cut], .. bytes[Math.Min(bytes.Length, cut + random.Next(1, 20))..]];
            default:
                // Most structure stands at the beginning of the large model.
                for (int i = random.Next(1, 5); i >= 0; i--)
                    bytes[random.Next(random.Next(2) == 0 ? Math.Min(bytes.Length, 500) : bytes.Length)] = (byte)random.Next(256);
                return bytes;
        }
    }

    private static ModelFault Fault(byte[] bytes) => Assert.Throws<ModelFormatException>(() => ModelReader.Read(bytes)).Fault;

    private static string Refused(Action<TensorProto> fill)
    {
        ModelProto model = SmallModel.Message((["x", "w"], ["y"]));
        var tensor = new TensorProto { Name = "w" };
        fill(tensor);
        model.Graph.Initializer.Add(tensor);
        var e = Assert.Throws<ModelFormatException>(() => ModelReader.Read(model.ToByteArray()));
        Assert.Equal(ModelFault.InvalidGraph, e.Fault);
        return e.Message;
    }
}
