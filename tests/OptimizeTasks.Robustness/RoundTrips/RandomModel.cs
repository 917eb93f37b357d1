using Google.Protobuf;
using OptimizeTasks.Onnx;
using OptimizeTasks.Onnx.Protobuf;
using Kind = OptimizeTasks.Onnx.Protobuf.AttributeProto.Types.AttributeType;

namespace OptimizeTasks.Robustness.RoundTrips;

/// <summary>
/// Draws valid models of everything that the format can say: all element types in all fields that hold them, attributes of
/// every kind, branches and loops that capture, functions that call functions, sequences, optionals, sparse tensors, texts.
/// </summary>
internal sealed class RandomModel
{
    private static readonly Kind[] s_kinds = [.. Enum.GetValues<Kind>().Where(k => k != Kind.Undefined)];
    private static readonly ElementType[] s_types = [.. Enum.GetValues<ElementType>().Where(t => t.IsKnown())];

    private readonly Random _random;
    private readonly List<FunctionProto> _functions = [];
    private int _names;

    private RandomModel(int seed) => _random = new Random(seed);

    /// <summary>The model of this seed.</summary>
    public static ModelProto Draw(int seed) => new RandomModel(seed).Draw();

    private ModelProto Draw()
    {
        for (int i = _random.Next(3); i > 0; i--)
            _functions.Add(Function());
        var model = new ModelProto { IrVersion = Pick(8, 10, 11, 13), Graph = Main() };
        model.Functions.Add(_functions);
        model.OpsetImport.Add([new OperatorSetIdProto { Domain = "", Version = Pick(17, 18, 21, 24) }, new OperatorSetIdProto { Domain = "com.example", Version = 1 }]);
        if (Chance(2))
            model.ProducerName = Text();
        if (Chance(3))
            model.MetadataProps.Add(new StringStringEntryProto { Key = Text(), Value = Text() });
        if (Chance(3))
            model.DocString = Text();
        return model;
    }

    private GraphProto Main()
    {
        var graph = new GraphProto { Name = Text() };
        List<string> values = [];
        for (int i = _random.Next(1, 4); i > 0; i--)
            values.Add(Input(graph));
        Fill(graph, values, 0);
        if (Chance(3))
        {
            string name = Name("sparse");
            graph.SparseInitializer.Add(Sparse(name));
            values.Add(name);
        }

        foreach (string value in values.Where(_ => Chance(4)).Append(values[^1]).Distinct().ToArray())
            graph.Output.Add(new ValueInfoProto { Name = value, Type = Chance(2) ? Type(0) : null });
        foreach (string value in values.Where(_ => Chance(5)).ToArray())
            graph.ValueInfo.Add(new ValueInfoProto { Name = value, Type = Type(0), DocString = Text() });
        if (Chance(4))
        {
            var annotation = new TensorAnnotation { TensorName = values[0] };
            annotation.QuantParameterTensorNames.Add(new StringStringEntryProto { Key = "SCALE_TENSOR", Value = values[^1] });
            graph.QuantizationAnnotation.Add(annotation);
        }

        return graph;
    }

    private string Input(GraphProto graph)
    {
        var input = new ValueInfoProto { Name = Name("input"), Type = Type(0) };
        graph.Input.Add(input);
        if (Chance(5))
            graph.Initializer.Add(Tensor(input.Name));
        return input.Name;
    }

    private void Fill(GraphProto graph, List<string> values, int depth)
    {
        for (int i = _random.Next(4); i > 0; i--)
        {
            TensorProto tensor = Tensor(Name("weight"));
            graph.Initializer.Add(tensor);
            values.Add(tensor.Name);
        }

        for (int i = _random.Next(1, 8); i > 0; i--)
            graph.Node.Add(Node(values, depth));
    }

    private NodeProto Node(List<string> values, int depth)
    {
        int kind = _random.Next(10);
        NodeProto node = kind switch
        {
            0 when depth < 3 => With("If", values, 1, Graph("then_branch", values, depth, 0), Graph("else_branch", values, depth, 0)),
            1 when depth < 3 => With("Loop", values, 2, Graph("body", values, depth, 2)),
            2 => With("Constant", values, 0, Attribute("value", Kind.Tensor, values, depth)),
            3 => With(Pick("SequenceConstruct", "SequenceEmpty", "Optional", "OptionalGetElement", "StringNormalizer", "Identity"), values, 1),
            4 when _functions.Count > 0 => Call(Pick(_functions), values),
            5 or 6 => With(Pick("Add", "Mul", "MatMul", "Concat", "Where"), values, 2),
            7 => With(Pick("Relu", "Shape", "Reshape", "Transpose", "Cast"), values, 1),
            _ => Everything(values, depth),
        };
        node.Output.Add(Name("value"));
        values.Add(node.Output[0]);
        if (Chance(6))
        {
            node.Output.Add(["", Name("second")]);
            values.Add(node.Output[2]);
        }

        if (Chance(2))
            node.Name = Name("node");
        if (Chance(8))
            node.DocString = Text();
        if (Chance(8))
            node.MetadataProps.Add(new StringStringEntryProto { Key = Text(), Value = Text() });
        return node;
    }

    private NodeProto With(string opType, List<string> values, int inputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = opType };
        for (int i = 0; i < inputs; i++)
            node.Input.Add(i > 0 && Chance(8) ? "" : Pick(values));
        node.Attribute.Add(attributes);
        return node;
    }

    /// <summary>An operator of another domain, with attributes of many kinds.</summary>
    private NodeProto Everything(List<string> values, int depth)
    {
        NodeProto node = With("Everything", values, _random.Next(4));
        node.Domain = "com.example";
        if (Chance(4))
            node.Overload = Text();
        Kind[] kinds = [.. s_kinds];
        _random.Shuffle(kinds);
        foreach (Kind kind in kinds.Take(_random.Next(5)))
            node.Attribute.Add(Attribute("attribute_" + kind, kind, values, depth));
        return node;
    }

    private NodeProto Call(FunctionProto function, List<string> values)
    {
        NodeProto node = With(function.Name, values, function.Input.Count, new AttributeProto { Name = "alpha", Type = Kind.Float, F = _random.NextSingle() });
        node.Domain = function.Domain;
        return node;
    }

    private FunctionProto Function()
    {
        var function = new FunctionProto { Name = Name("Function"), Domain = "com.example", Input = { Name("p"), Name("p") } };
        List<string> values = [.. function.Input];
        for (int i = _random.Next(1, 4); i > 0; i--)
            function.Node.Add(Node(values, 2));
        AttributeProto reference = new() { Name = "alpha", Type = Kind.Float, RefAttrName = "alpha" };
        NodeProto last = With("LeakyRelu", values, 1, reference);
        last.Output.Add(Name("r"));
        function.Node.Add(last);
        function.Output.Add(last.Output[0]);
        if (Chance(2))
            function.Attribute.Add("alpha");
        else
            function.AttributeProto.Add(new AttributeProto { Name = "alpha", Type = Kind.Float, F = 0.5f });
        function.OpsetImport.Add([new OperatorSetIdProto { Domain = "", Version = 17 }, new OperatorSetIdProto { Domain = "com.example", Version = 1 }]);
        return function;
    }

    private AttributeProto Graph(string name, List<string> outer, int depth, int inputs) =>
        new() { Name = name, Type = Kind.Graph, G = Subgraph(outer, depth, inputs) };

    /// <summary>A graph that uses values of the graphs around it.</summary>
    private GraphProto Subgraph(List<string> outer, int depth, int inputs)
    {
        var graph = new GraphProto { Name = Name("graph") };
        List<string> values = [.. outer];
        for (int i = 0; i < inputs; i++)
        {
            graph.Input.Add(new ValueInfoProto { Name = Name("inner"), Type = Chance(2) ? Type(1) : null });
            values.Add(graph.Input[i].Name);
        }

        Fill(graph, values, depth + 1);
        graph.Output.Add(new ValueInfoProto { Name = graph.Node[^1].Output[0], Type = Chance(2) ? Type(0) : null });
        return graph;
    }

    private AttributeProto Attribute(string name, Kind kind, List<string> values, int depth)
    {
        var attribute = new AttributeProto { Name = name, Type = kind };
        if (Chance(6))
            attribute.DocString = Text();
        switch (kind)
        {
            case Kind.Float:
                attribute.F = Pick(0, 1.5f, float.NaN, float.NegativeInfinity);
                break;
            case Kind.Int:
                attribute.I = Pick(0, -1, long.MinValue, long.MaxValue);
                break;
            case Kind.String:
                attribute.S = Bytes();
                break;
            case Kind.Tensor:
                attribute.T = Tensor(Chance(2) ? Name("t") : null);
                break;
            case Kind.Graph:
                attribute.G = depth < 3 ? Subgraph(values, depth, 1) : new GraphProto();
                break;
            case Kind.SparseTensor:
                attribute.SparseTensor = Sparse(Name("s"));
                break;
            case Kind.TypeProto:
                attribute.Tp = Type(0);
                break;
            case Kind.Floats:
                attribute.Floats.Add(Several(() => _random.NextSingle()));
                break;
            case Kind.Ints:
                attribute.Ints.Add(Several(() => _random.NextInt64()));
                break;
            case Kind.Strings:
                attribute.Strings.Add(Several(Bytes));
                break;
            case Kind.Tensors:
                attribute.Tensors.Add(Several(() => Tensor(Name("t"))));
                break;
            case Kind.Graphs:
                attribute.Graphs.Add(depth < 3 ? Several(() => Subgraph(values, depth, 0)) : []);
                break;
            case Kind.SparseTensors:
                attribute.SparseTensors.Add(Several(() => Sparse(Name("s"))));
                break;
            default:
                attribute.TypeProtos.Add(Several(() => Type(0)));
                break;
        }

        return attribute;
    }

    private TypeProto Type(int depth)
    {
        var type = new TypeProto();
        switch (depth < 3 ? _random.Next(9) : 0)
        {
            case 1:
                type.SequenceType = new TypeProto.Types.Sequence { ElemType = Type(depth + 1) };
                break;
            case 2:
                type.OptionalType = new TypeProto.Types.Optional { ElemType = Type(depth + 1) };
                break;
            case 3:
                type.MapType = new TypeProto.Types.Map { KeyType = (int)ElementType.String, ValueType = Type(depth + 1) };
                break;
            case 4:
                type.SparseTensorType = new TypeProto.Types.SparseTensor { ElemType = (int)Pick(s_types), Shape = Shape() };
                break;
            default:
                type.TensorType = new TypeProto.Types.Tensor { ElemType = (int)Pick(s_types) };
                if (!Chance(5))
                    type.TensorType.Shape = Shape();
                break;
        }

        if (Chance(8))
            type.Denotation = "TENSOR";
        return type;
    }

    private TensorShapeProto Shape()
    {
        var shape = new TensorShapeProto();
        for (int i = _random.Next(4); i > 0; i--)
        {
            shape.Dim.Add(_random.Next(4) switch
            {
                0 => new TensorShapeProto.Types.Dimension { DimParam = Pick("batch", "sequence", "2*n+1", "floor(h/2)") },
                1 => new TensorShapeProto.Types.Dimension(),
                _ => new TensorShapeProto.Types.Dimension { DimValue = _random.Next(5) },
            });
        }

        return shape;
    }

    private SparseTensorProto Sparse(string name)
    {
        int count = _random.Next(4);
        var values = new TensorProto { Name = name, DataType = (int)ElementType.Float, Dims = { count } };
        values.FloatData.Add(Enumerable.Range(0, count).Select(i => (float)i));
        var indices = new TensorProto { Name = name + "_indices", DataType = (int)ElementType.Int64, Dims = { count } };
        indices.Int64Data.Add(Enumerable.Range(0, count).Select(i => 2L * i));
        return new SparseTensorProto { Values = values, Indices = indices, Dims = { 10 } };
    }

    /// <summary>A tensor of any type in any of the fields that may hold it, small or too large to be parsed with its message.</summary>
    private TensorProto Tensor(string? name)
    {
        ElementType type = Pick(s_types);
        long[] sizes = _random.Next(6) switch
        {
            0 => [],
            1 => [0, 3],
            2 => [_random.Next(1500, 3000)],
            _ => [_random.Next(1, 4), _random.Next(1, 5)],
        };
        var tensor = new TensorProto { DataType = (int)type, Dims = { sizes } };
        if (name is not null)
            tensor.Name = name;
        if (Chance(10))
            tensor.DocString = Text();
        int count = (int)sizes.Aggregate(1L, (a, b) => a * b);
        if (type == ElementType.String)
        {
            tensor.StringData.Add(Enumerable.Range(0, count).Select(_ => Bytes()));
            return tensor;
        }

        var raw = new byte[type.ByteLength(count)];
        _random.NextBytes(raw);
        if (Chance(2) || !PutTyped(tensor, type, raw))
            tensor.RawData = ByteString.CopyFrom(raw);
        return tensor;
    }

    /// <summary>Puts the elements into the field that belongs to their type; false where there are none to be put.</summary>
    private static bool PutTyped(TensorProto tensor, ElementType type, byte[] raw)
    {
        if (raw.Length == 0)
            return false;
        switch (type)
        {
            case ElementType.Float or ElementType.Complex64:
                tensor.FloatData.Add(raw.Chunk(4).Select(b => BitConverter.ToSingle(b)));
                break;
            case ElementType.Double or ElementType.Complex128:
                tensor.DoubleData.Add(raw.Chunk(8).Select(b => BitConverter.ToDouble(b)));
                break;
            case ElementType.Int64:
                tensor.Int64Data.Add(raw.Chunk(8).Select(b => BitConverter.ToInt64(b)));
                break;
            case ElementType.UInt64:
                tensor.Uint64Data.Add(raw.Chunk(8).Select(b => BitConverter.ToUInt64(b)));
                break;
            case ElementType.UInt32:
                tensor.Uint64Data.Add(raw.Chunk(4).Select(b => (ulong)BitConverter.ToUInt32(b)));
                break;
            case ElementType.Int32:
                tensor.Int32Data.Add(raw.Chunk(4).Select(b => BitConverter.ToInt32(b)));
                break;
            case ElementType.Int16:
                tensor.Int32Data.Add(raw.Chunk(2).Select(b => (int)BitConverter.ToInt16(b)));
                break;
            case ElementType.UInt16 or ElementType.Float16 or ElementType.BFloat16:
                tensor.Int32Data.Add(raw.Chunk(2).Select(b => (int)BitConverter.ToUInt16(b)));
                break;
            case ElementType.Int8:
                tensor.Int32Data.Add(raw.Select(b => (int)(sbyte)b));
                break;
            default:
                tensor.Int32Data.Add(raw.Select(b => (int)b));
                break;
        }

        return true;
    }

    private ByteString Bytes() => Chance(3) ? ByteString.CopyFrom(0xff, 0, 0xc0) : ByteString.CopyFromUtf8(Text());

    private string Text() => Pick("", "a text", "ünïcode ‮ 名前", "line\nbreak", "\0", "'\"\\<&>");

    private string Name(string kind) => $"{kind}/{++_names}";

    private IEnumerable<T> Several<T>(Func<T> draw) => Enumerable.Range(0, _random.Next(4)).Select(_ => draw()).ToArray();

    private bool Chance(int of) => _random.Next(of) == 0;

    private T Pick<T>(params IReadOnlyList<T> items) => items[_random.Next(items.Count)];
}
