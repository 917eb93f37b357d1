using Google.Protobuf;
using OptimizeTasks.Onnx.Protobuf;

namespace OptimizeTasks.Robustness.Hostile;

/// <summary>Models made of bytes: as large as they need be, without being in memory as objects.</summary>
internal static class HostileFile
{
    /// <summary>A field with a length.</summary>
    public static byte[] Field(int number, ReadOnlySpan<byte> content) => [.. Fuzzing.WireMessage.Varint(((ulong)number << 3) | 2), .. Fuzzing.WireMessage.Varint((ulong)content.Length), .. content];

    /// <summary>A model around the fields of its graph.</summary>
    public static byte[] Model(params IEnumerable<byte[]> graphFields)
    {
        byte[] graph = Join(graphFields);
        return [0x08, 0x08, .. Field(ModelProto.GraphFieldNumber, graph), 0x42, 0x02, 0x10, 0x12];
    }

    /// <summary>A valid small model with something more in its graph.</summary>
    public static byte[] With(params IEnumerable<byte[]> graphFields) => Model([.. Fields(Small().Graph), .. graphFields]);

    /// <summary>The same field so many times, in one piece.</summary>
    public static byte[] Times(int count, ReadOnlySpan<byte> field)
    {
        var bytes = new byte[checked(count * field.Length)];
        for (int i = 0; i < count; i++)
            field.CopyTo(bytes.AsSpan(i * field.Length));
        return bytes;
    }

    /// <summary>So many fields, each made of its number.</summary>
    public static byte[] Times(int count, Func<int, byte[]> field) => Join(Enumerable.Range(0, count).Select(field));

    /// <summary>y = Relu(x), sizes 4.</summary>
    public static ModelProto Small(params IEnumerable<NodeProto> more)
    {
        var graph = new GraphProto { Name = "small", Input = { Float("x", 4) }, Output = { Float("y", 4) }, Node = { Node("Relu", ["x"], "y") } };
        graph.Node.Add(more);
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 18 });
        return model;
    }

    public static NodeProto Node(string opType, IEnumerable<string> inputs, params IEnumerable<string> outputs)
    {
        var node = new NodeProto { OpType = opType };
        node.Input.Add(inputs);
        node.Output.Add(outputs);
        return node;
    }

    public static ValueInfoProto Float(string name, params long[] sizes)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(sizes.Select(s => new TensorShapeProto.Types.Dimension { DimValue = s }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1, Shape = shape } } };
    }

    public static TensorProto Int64(string name, params long[] values) => new() { Name = name, DataType = 7, Dims = { values.Length }, Int64Data = { values } };

    public static AttributeProto Attribute(string name, GraphProto graph) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Graph, G = graph };

    private static IEnumerable<byte[]> Fields(GraphProto graph) => [graph.ToByteArray()];

    private static byte[] Join(IEnumerable<byte[]> parts)
    {
        using var stream = new MemoryStream();
        foreach (byte[] part in parts)
            stream.Write(part);
        return stream.ToArray();
    }
}
