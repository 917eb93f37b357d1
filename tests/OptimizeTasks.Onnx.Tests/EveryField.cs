using Google.Protobuf;
using OptimizeTasks.Onnx.Protobuf;
using Kind = OptimizeTasks.Onnx.Protobuf.AttributeProto.Types.AttributeType;

namespace OptimizeTasks.Onnx.Tests;

/// <summary>A model that uses every field of the format, and some that the format does not have.</summary>
internal static class EveryField
{
    private static readonly string[] s_inputs = ["x", "", "small"];

    /// <param name="count">The number of elements of larger tensors.</param>
    public static ModelProto Model(int count)
    {
        var model = new ModelProto
        {
            IrVersion = 11,
            ProducerName = "producer",
            ProducerVersion = "",
            Domain = "model.domain",
            ModelVersion = 0,
            DocString = "the model",
            Graph = Graph(count),
        };
        model.OpsetImport.Add([
            new OperatorSetIdProto { Version = 21, Domain = "ai.onnx" },
            new OperatorSetIdProto { Domain = "com.example", Version = 1 },
            new OperatorSetIdProto { Domain = "another", Version = 3 },
        ]);
        model.MetadataProps.Add(Metadata("model"));
        var training = new TrainingInfoProto { Initialization = new GraphProto { Name = "init" }, Algorithm = new GraphProto { Name = "step" } };
        training.InitializationBinding.Add(Metadata("initialization"));
        training.UpdateBinding.Add(Metadata("update"));
        model.TrainingInfo.Add(training);
        model.Functions.Add(Function(count));
        var device = new DeviceConfigurationProto { Name = "two", NumDevices = 2 };
        device.Device.Add(["cpu:0", "cpu:1"]);
        model.Configuration.Add(device);
        return WithUnknownField(model);
    }

    private static GraphProto Graph(int count)
    {
        var graph = new GraphProto { Name = "main", DocString = "" };
        graph.Input.Add([Described("x", TensorType()), Described("overridable", TensorType()), Described("untyped", null)]);
        graph.Initializer.Add(Tensors(count));
        graph.Initializer.Add(Tensor("overridable", 1, [1], t => t.FloatData.Add(1)));
        graph.SparseInitializer.Add(Sparse("sparse", count));
        graph.Node.Add([AllAttributes(count), Plain("plain", ["x", "w", "sparse"], ["a"]), Configured(), Branch(count)]);
        graph.Output.Add([Described("y", TensorType()), Described("x", new TypeProto { Denotation = "SAME" }), Described("a", null)]);
        graph.ValueInfo.Add([Described("b", SequenceOfMaps()), Described("unresolved", TensorType()), Described("raw", TensorType()), Described("attributes_out", Opaque())]);
        var annotation = new TensorAnnotation { TensorName = "a" };
        annotation.QuantParameterTensorNames.Add(Metadata("SCALE_TENSOR"));
        graph.QuantizationAnnotation.Add(annotation);
        graph.MetadataProps.Add(Metadata("graph"));
        return WithUnknownField(graph);
    }

    /// <summary>Initializers in every field that can hold elements.</summary>
    private static IEnumerable<TensorProto> Tensors(int count)
    {
        yield return Tensor("w", 1, [1, count], t => t.FloatData.Add(Enumerable.Range(0, count).Select(i => i * 0.5f)));
        yield return Tensor("raw", 1, [count], t => t.RawData = Bytes(count * 4));
        yield return Tensor("small", 7, [], t => t.RawData = Bytes(8));
        yield return Tensor("empty", 1, [0], t => t.RawData = ByteString.Empty);
        yield return Tensor("absent", 1, [0], _ => { });
        yield return Tensor("int32", 6, [3], t => t.Int32Data.Add([-1, 0, int.MaxValue]));
        yield return Tensor("int16", 5, [2], t => t.Int32Data.Add([-1, 7]));
        yield return Tensor("int8", 3, [2], t => t.Int32Data.Add([-128, 127]));
        yield return Tensor("uint8", 2, [2], t => t.Int32Data.Add([0, 255]));
        yield return Tensor("bool", 9, [2], t => t.Int32Data.Add([1, 0]));
        yield return Tensor("float16", 10, [2], t => t.Int32Data.Add([0x3c00, 0xbc00]));
        yield return Tensor("int4", 22, [3], t => t.Int32Data.Add([0x21, 0x0f]));
        yield return Tensor("int64", 7, [count], t => t.Int64Data.Add(Enumerable.Range(0, count).Select(i => (long)-i)));
        yield return Tensor("double", 11, [count], t => t.DoubleData.Add(Enumerable.Repeat(0.1, count)));
        yield return Tensor("complex64", 14, [1], t => t.FloatData.Add([1, 2]));
        yield return Tensor("complex128", 15, [1], t => t.DoubleData.Add([1, 2]));
        yield return Tensor("uint64", 13, [2], t => t.Uint64Data.Add([ulong.MaxValue, 0]));
        yield return Tensor("uint32", 12, [1], t => t.Uint64Data.Add(uint.MaxValue));
        yield return Tensor("string", 8, [2], t => t.StringData.Add([ByteString.CopyFromUtf8("ünïcode"), ByteString.CopyFrom(0xff, 0x00)]));
        yield return Tensor("described", 1, [1], t =>
        {
            t.RawData = Bytes(4);
            t.DocString = "a tensor";
            t.MetadataProps.Add(Metadata("tensor"));
            t.Segment = new TensorProto.Types.Segment { Begin = 0, End = 1 };
            t.DataLocation = TensorProto.Types.DataLocation.Default;
            t.ExternalData.Add(Metadata("ignored"));
        });
    }

    private static NodeProto AllAttributes(int count)
    {
        NodeProto node = Plain("attributes", s_inputs, ["attributes_out", "", "b"]);
        node.OpType = "Everything";
        node.Domain = "com.example";
        node.Overload = "second";
        node.DocString = "a node";
        node.MetadataProps.Add(Metadata("node"));
        node.Attribute.Add([
            Attribute("f", Kind.Float, a => a.F = 0),
            Attribute("i", Kind.Int, a => a.I = long.MinValue),
            Attribute("i_default", Kind.Int, _ => { }),
            Attribute("s", Kind.String, a => a.S = ByteString.CopyFrom(0xff, 0xfe)),
            Attribute("t", Kind.Tensor, a => a.T = Tensor("inner", 1, [count], t => t.RawData = Bytes(count * 4))),
            Attribute("unnamed", Kind.Tensor, a =>
            {
                a.T = Tensor("", 7, [], t => t.Int64Data.Add(3));
                a.T.ClearName();
            }),
            Attribute("g", Kind.Graph, a => a.G = Subgraph("g", count)),
            Attribute("floats", Kind.Floats, a => a.Floats.Add([1, float.NaN])),
            Attribute("ints", Kind.Ints, a => a.Ints.Add([1, -1])),
            Attribute("no_ints", Kind.Ints, _ => { }),
            Attribute("strings", Kind.Strings, a => a.Strings.Add([ByteString.Empty, ByteString.CopyFromUtf8("s")])),
            Attribute("tensors", Kind.Tensors, a => a.Tensors.Add([Tensor("t0", 1, [count], t => t.RawData = Bytes(count * 4)), Tensor("t1", 8, [0], _ => { })])),
            Attribute("graphs", Kind.Graphs, a => a.Graphs.Add([Subgraph("g0", count), new GraphProto()])),
            Attribute("tp", Kind.TypeProto, a => a.Tp = new TypeProto { OptionalType = new TypeProto.Types.Optional { ElemType = TensorType() } }),
            Attribute("type_protos", Kind.TypeProtos, a => a.TypeProtos.Add([TensorType(), new TypeProto()])),
            Attribute("sparse_tensor", Kind.SparseTensor, a => a.SparseTensor = Sparse("sv", count)),
            Attribute("sparse_tensors", Kind.SparseTensors, a => a.SparseTensors.Add(Sparse("svs", 1))),
            Attribute("untyped", Kind.Undefined, a =>
            {
                a.ClearType();
                a.Floats.Add(2);
            }),
            Attribute("noisy", Kind.Int, a =>
            {
                a.I = 1;
                a.F = 2;
                a.DocString = "two values";
            }),
        ]);
        return WithUnknownField(node);
    }

    private static NodeProto Configured()
    {
        NodeProto node = Plain("configured", ["a"], ["y"]);
        node.Domain = "ai.onnx";
        var devices = new NodeDeviceConfigurationProto { ConfigurationId = "two", PipelineStage = 1 };
        var sharding = new ShardingSpecProto { TensorName = "a" };
        sharding.Device.Add([0, 1]);
        var groups = new IntIntListEntryProto { Key = 0 };
        groups.Value.Add([0, 1]);
        sharding.IndexToDeviceGroupMap.Add(groups);
        var axis = new ShardedDimProto { Axis = 0 };
        axis.SimpleSharding.Add([new SimpleShardedDimProto { DimValue = 4, NumShards = 2 }, new SimpleShardedDimProto { DimParam = "n" }]);
        sharding.ShardedDim.Add(axis);
        devices.ShardingSpec.Add(sharding);
        node.DeviceConfigurations.Add(devices);
        return node;
    }

    /// <summary>Subgraphs that use a value of the outer graph.</summary>
    private static NodeProto Branch(int count)
    {
        NodeProto node = Plain("branch", ["bool"], ["branch_out"]);
        node.ClearName();
        node.Domain = "";
        node.Attribute.Add([Attribute("then_branch", Kind.Graph, a => a.G = Subgraph("then", count)), Attribute("else_branch", Kind.Graph, a => a.G = Subgraph("else", 1))]);
        return node;
    }

    private static GraphProto Subgraph(string name, int count)
    {
        var graph = new GraphProto { Name = name };
        graph.Initializer.Add(Tensor(name + "_weight", 1, [count], t => t.RawData = Bytes(count * 4)));
        graph.Node.Add(Plain(name + "_node", ["x", name + "_weight"], [name + "_out"]));
        graph.Output.Add(Described(name + "_out", TensorType()));
        return graph;
    }

    private static FunctionProto Function(int count)
    {
        var function = new FunctionProto { Name = "Everything", Domain = "com.example", DocString = "a function", Overload = "second" };
        function.Input.Add(["p", "q"]);
        function.Output.Add("r");
        function.Attribute.Add("alpha");
        function.AttributeProto.Add(Attribute("beta", Kind.Tensor, a => a.T = Tensor("beta", 1, [count], t => t.RawData = Bytes(count * 4))));
        NodeProto node = Plain("body", ["p", "q"], ["r"]);
        node.Attribute.Add(Attribute("scale", Kind.Float, a => a.RefAttrName = "alpha"));
        function.Node.Add(node);
        function.OpsetImport.Add([new OperatorSetIdProto { Domain = "z", Version = 1 }, new OperatorSetIdProto { Version = 21 }]);
        function.ValueInfo.Add([Described("r", TensorType()), Described("p", TensorType())]);
        function.MetadataProps.Add(Metadata("function"));
        return WithUnknownField(function);
    }

    private static TypeProto TensorType()
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add([
            new TensorShapeProto.Types.Dimension { DimValue = 3, Denotation = "DATA_BATCH" },
            new TensorShapeProto.Types.Dimension { DimParam = "n" },
            new TensorShapeProto.Types.Dimension { DimValue = -1 },
            new TensorShapeProto.Types.Dimension { DimParam = "" },
            new TensorShapeProto.Types.Dimension(),
        ]);
        return new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1, Shape = shape }, Denotation = "TENSOR" };
    }

    private static TypeProto SequenceOfMaps() => new()
    {
        SequenceType = new TypeProto.Types.Sequence
        {
            ElemType = new TypeProto
            {
                MapType = new TypeProto.Types.Map
                {
                    KeyType = 7,
                    ValueType = new TypeProto { SparseTensorType = new TypeProto.Types.SparseTensor { ElemType = 1, Shape = new TensorShapeProto() } },
                },
            },
        },
    };

    private static TypeProto Opaque() => new() { OpaqueType = new TypeProto.Types.Opaque { Domain = "d", Name = "n" } };

    private static ValueInfoProto Described(string name, TypeProto? type)
    {
        var value = new ValueInfoProto { Name = name, Type = type, DocString = "describes " + name };
        value.MetadataProps.Add(Metadata(name));
        return WithUnknownField(value);
    }

    private static SparseTensorProto Sparse(string name, int count)
    {
        var sparse = new SparseTensorProto
        {
            Values = Tensor(name, 1, [count], t => t.RawData = Bytes(count * 4)),
            Indices = Tensor("indices", 7, [count], t => t.Int64Data.Add(Enumerable.Range(0, count).Select(i => (long)i))),
        };
        sparse.Dims.Add([count, 10]);
        return sparse;
    }

    private static NodeProto Plain(string name, IEnumerable<string> inputs, IEnumerable<string> outputs)
    {
        var node = new NodeProto { Name = name, OpType = "Op" };
        node.Input.Add(inputs);
        node.Output.Add(outputs);
        return node;
    }

    private static AttributeProto Attribute(string name, Kind kind, Action<AttributeProto> fill)
    {
        var attribute = new AttributeProto { Name = name, Type = kind };
        fill(attribute);
        return WithUnknownField(attribute);
    }

    private static TensorProto Tensor(string name, int type, long[] sizes, Action<TensorProto> fill)
    {
        var tensor = new TensorProto { Name = name, DataType = type };
        tensor.Dims.Add(sizes);
        fill(tensor);
        return WithUnknownField(tensor);
    }

    private static StringStringEntryProto[] Metadata(string of) => [new() { Key = of, Value = "1" }, new() { Key = "", Value = "" }, new() { Key = of }];

    private static ByteString Bytes(int count) => ByteString.CopyFrom([.. Enumerable.Range(0, count).Select(i => (byte)i)]);

    /// <summary>Field 1000, a varint.</summary>
    private static T WithUnknownField<T>(T message)
        where T : IMessage<T>
    {
        message.MergeFrom((byte[])[0xc0, 0x3e, 0x2a]);
        return message;
    }
}
