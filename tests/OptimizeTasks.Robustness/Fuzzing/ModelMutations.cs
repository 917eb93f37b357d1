using Google.Protobuf;
using Google.Protobuf.Collections;
using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Onnx.Shapes;

namespace OptimizeTasks.Robustness.Fuzzing;

/// <summary>Damage that knows ONNX: valid messages of models that contradict themselves, or ask for too much.</summary>
internal sealed class ModelMutations
{
    private static readonly long[] s_sizes =
        [0, 1, 2, 3, 7, 64, 1000, 65_536, 1 << 24, int.MaxValue, 1L << 31, 1L << 40, long.MaxValue / 4, long.MaxValue, -1, -2, int.MinValue, long.MinValue];

    private static readonly string[] s_names =
        ["", "x", "..", "\0", "\n", "\r\n", "\"", "\\", "</summary>", "*/", "‮", "\u2028", "nint", "class", "if", "0", "名前", "a b", "a;b|c", "result:0", "%(x)", "{0}", new('n', 100_000)];

    private static readonly string[] s_locations =
        ["weights.bin", "../weights.bin", "/etc/passwd", "..", ".", "", "weights.bin/", "./weights.bin", "sub/weights.bin", "weights.bin\0", "C:\\x", "\\\\server\\x", "model.onnx", "//weights.bin", "~", "*", new('w', 5000)];

    private static readonly string[] s_expressions =
        ["2*s+1", "floor(h/2)", "s*s*s*s", "((((((((s))))))))", "s+", "1/0", "9999999999999999999", "max(a,b)", "-s", "s s", "unk__0", new('(', 10_000), string.Concat(Enumerable.Repeat("s*", 2000)) + "s", string.Concat(Enumerable.Repeat("s+t*", 200)) + "s"];

    private static readonly (string Domain, string OpType)[] s_operators = [.. OperatorTable.Instance.Types.Keys.Order()];

    private readonly ModelProto _model;
    private readonly Random _random;
    private readonly GraphProto[] _graphs;
    private readonly NodeProto[] _nodes;
    private readonly TensorProto[] _tensors;

    private ModelMutations(ModelProto model, Random random)
    {
        _model = model;
        _random = random;
        var graphs = new List<GraphProto>();
        Collect(model.Graph ??= new GraphProto(), graphs);
        foreach (FunctionProto function in model.Functions)
            Collect(function.Node, graphs);
        _graphs = [.. graphs];
        _nodes = [.. _graphs.SelectMany(g => g.Node), .. model.Functions.SelectMany(f => f.Node)];
        _tensors = [.. _graphs.SelectMany(g => g.Initializer), .. _nodes.SelectMany(n => n.Attribute).Where(a => a.T is not null).Select(a => a.T)];
    }

    public static (byte[] Bytes, string Description) Apply(byte[] bytes, Random random)
    {
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(bytes);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or IndexOutOfRangeException)
        {
            return BlindMutations.Apply(bytes, random);
        }

        string what = new ModelMutations(model, random).Change();
        return model.CalculateSize() > WireMutations.LargestFile ? (bytes, "nothing") : (model.ToByteArray(), what);
    }

    private string Change() => _random.Next(24) switch
    {
        0 or 1 => Inputs(),
        2 => Outputs(),
        3 => Nodes(),
        4 or 5 => Operator(),
        6 or 7 or 8 => Attribute(),
        9 or 10 => Sizes(),
        11 or 12 => Elements(),
        13 => External(),
        14 => Opsets(),
        15 or 16 => Types(),
        17 => Interface(),
        18 => Initializers(),
        19 => Subgraph(),
        20 => Functions(),
        21 => Rename(),
        22 => Sparse(),
        _ => Texts(),
    };

    private string Inputs()
    {
        if (_nodes.Length == 0)
            return "nothing";
        NodeProto node = Pick(_nodes);
        switch (_random.Next(5))
        {
            case 0 when node.Output.Count > 0:
                node.Input.Add(Pick(node.Output));
                return "a node uses its own output";
            case 1 when node.Input.Count > 0:
                node.Input.RemoveAt(_random.Next(node.Input.Count));
                return "an input of a node is gone";
            case 2 when node.Input.Count > 0:
                node.Input[_random.Next(node.Input.Count)] = "";
                return "an input of a node is left out";
            case 3:
                node.Input.Add(Enumerable.Repeat(AnyName(), _random.Next(1, 2000)));
                return "many inputs";
            default:
                if (node.Input.Count > 0)
                    node.Input[_random.Next(node.Input.Count)] = AnyName();
                return "another value as input";
        }
    }

    private string Outputs()
    {
        NodeProto[] nodes = [.. _nodes.Where(n => n.Output.Count > 0)];
        if (nodes.Length == 0)
            return "nothing";
        NodeProto node = Pick(nodes);
        switch (_random.Next(4))
        {
            case 0:
                node.Output[_random.Next(node.Output.Count)] = AnyName();
                return "two producers";
            case 1:
                node.Output.Add(Enumerable.Range(0, _random.Next(1, 500)).Select(i => $"more{i}"));
                return "more outputs";
            case 2:
                node.Output.Clear();
                return "no outputs";
            default:
                node.Output[_random.Next(node.Output.Count)] = "";
                return "an output is left out";
        }
    }

    private string Nodes()
    {
        RepeatedField<NodeProto> nodes = Pick(_graphs).Node;
        if (nodes.Count == 0)
            return "nothing";
        int index = _random.Next(nodes.Count);
        switch (_random.Next(4))
        {
            case 0:
                nodes.RemoveAt(index);
                return "a node is gone";
            case 1:
                nodes.Add(nodes[index].Clone());
                return "a node twice";
            case 2:
                NodeProto[] order = [.. nodes];
                _random.Shuffle(order);
                nodes.Clear();
                nodes.Add(order);
                return "nodes in another order";
            default:
                string last = nodes[index].Output.FirstOrDefault("x");
                int count = _random.Next(2, 400);
                for (int i = 0; i < count; i++)
                {
                    NodeProto copy = nodes[index].Clone();
                    if (copy.Input.Count > 0)
                        copy.Input[0] = last;
                    copy.Output.Clear();
                    copy.Output.Add(last = $"chain{i}");
                    nodes.Add(copy);
                }

                return $"a chain of {count} nodes";
        }
    }

    private string Operator()
    {
        if (_nodes.Length == 0)
            return "nothing";
        NodeProto node = Pick(_nodes);
        string before = node.OpType;
        if (_random.Next(8) == 0)
            node.Domain = Pick("", "com.microsoft", "ai.onnx", "ai.onnx.ml", "other");
        else
            (node.Domain, node.OpType) = Pick(s_operators);
        return $"{before} becomes {node.Domain}.{node.OpType}";
    }

    private string Attribute()
    {
        if (_nodes.Length == 0)
            return "nothing";
        NodeProto node = Pick(_nodes);
        AttributeProto[] all = [.. _nodes.SelectMany(n => n.Attribute)];
        AttributeProto[] own = [.. node.Attribute];
        if (own.Length == 0 && all.Length > 0)
            own = [Pick(all)];
        if (own.Length == 0 || _random.Next(6) == 0)
        {
            node.Attribute.Add(all.Length > 0 && _random.Next(2) == 0
                ? Pick(all).Clone()
                : new AttributeProto { Name = Pick("axis", "axes", "perm", "shape", "to", "value", "body", "k"), Type = AttributeProto.Types.AttributeType.Int, I = Pick(s_sizes) });
            return $"one more attribute of {node.OpType}";
        }

        AttributeProto attribute = Pick(own);
        switch (_random.Next(9))
        {
            case 0:
                node.Attribute.Remove(attribute);
                return $"{node.OpType} without {attribute.Name}";
            case 1:
                attribute.Type = (AttributeProto.Types.AttributeType)_random.Next(0, 17);
                return $"{attribute.Name} has the type {attribute.Type}";
            case 2:
                attribute.Name = Pick(Pick(all).Name, "axis", "");
                return $"an attribute becomes {attribute.Name}";
            case 3:
                attribute.RefAttrName = Pick("alpha", attribute.Name);
                return $"{attribute.Name} refers";
            case 4 when attribute.Ints.Count > 0:
                attribute.Ints.Add(Enumerable.Range(0, _random.Next(1, 3000)).Select(_ => Pick(s_sizes)));
                return $"{attribute.Name} is long";
            case 5 when attribute.S.Length > 0:
                attribute.S = ByteString.CopyFrom((byte)_random.Next(256), 0xff);
                return $"{attribute.Name} is no text";
            default:
                if (attribute.Ints.Count > 0)
                    attribute.Ints[_random.Next(attribute.Ints.Count)] = Pick(s_sizes);
                else if (attribute.Floats.Count > 0)
                    attribute.Floats[0] = Pick(float.NaN, float.PositiveInfinity, 0, -1, 1e30f);
                else if (attribute.HasF)
                    attribute.F = Pick(float.NaN, float.NegativeInfinity, 0, -1, 1e-45f);
                else
                    attribute.I = _random.Next(2) == 0 ? Pick(s_sizes) : _random.Next(-3, 30);
                return $"{node.OpType}.{attribute.Name} has another value";
        }
    }

    private string Sizes()
    {
        if (_tensors.Length == 0)
            return "nothing";
        TensorProto tensor = Pick(_tensors);
        switch (_random.Next(5))
        {
            case 0:
                tensor.Dims.Add(Pick(s_sizes));
                return "one more size";
            case 1 when tensor.Dims.Count > 0:
                tensor.Dims[_random.Next(tensor.Dims.Count)] = Pick(s_sizes);
                return "another size";
            case 2:
                tensor.Dims.Add(Enumerable.Repeat(1L, _random.Next(1, 2000)));
                return "many sizes of 1";
            case 3 when tensor.Dims.Count > 0:
                // The same number of elements in another shape.
                (tensor.Dims[0], tensor.Dims[^1]) = (tensor.Dims[^1], tensor.Dims[0]);
                return "sizes swapped";
            default:
                tensor.DataType = _random.Next(-1, 30);
                return $"the element type {tensor.DataType}";
        }
    }

    /// <summary>Shapes, axes and limits are small constants: other numbers make huge results.</summary>
    private string Elements()
    {
        TensorProto[] integers = [.. _tensors.Where(t => t.DataType is 6 or 7)];
        if (integers.Length == 0 || _random.Next(5) == 0)
        {
            if (_tensors.Length == 0)
                return "nothing";
            TensorProto tensor = Pick(_tensors);
            tensor.RawData = ByteString.CopyFrom(new byte[_random.Next(100)]);
            return "other elements";
        }

        TensorProto integer = Pick(integers);
        long value = Pick(s_sizes);
        if (integer.Int64Data.Count > 0)
        {
            integer.Int64Data[_random.Next(integer.Int64Data.Count)] = value;
        }
        else if (integer.RawData.Length >= 8 && integer.DataType == 7)
        {
            byte[] raw = integer.RawData.ToByteArray();
            BitConverter.TryWriteBytes(raw.AsSpan(_random.Next(raw.Length / 8) * 8), value);
            integer.RawData = ByteString.CopyFrom(raw);
        }

        return $"the element {value} in '{integer.Name}'";
    }

    private string External()
    {
        if (_tensors.Length == 0)
            return "nothing";
        TensorProto tensor = Pick(_tensors);
        if (tensor.ExternalData.Count == 0 || _random.Next(3) == 0)
        {
            tensor.DataLocation = TensorProto.Types.DataLocation.External;
            tensor.ClearRawData();
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = Pick(s_locations) });
        }

        string key = Pick("location", "offset", "length", "checksum", "basepath");
        string value = key == "location" ? Pick(s_locations) : Pick("0", "1", "-1", "64", "4096", "9223372036854775807", "99999999999999999999", "", "x", " 1", "0x10", "1e3");
        tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        return $"external {key} '{Short(value)}'";
    }

    private string Opsets()
    {
        long version = Pick([.. s_sizes, 6, 7, 8, 9, 10, 11, 12, 13, 17, 18, 21, 24, 25, 26, 27, 100]);
        if (_random.Next(4) == 0)
            _model.IrVersion = version;
        else if (_model.OpsetImport.Count > 0 && _random.Next(2) == 0)
            Pick(_model.OpsetImport).Version = version;
        else if (_random.Next(3) == 0)
            _model.OpsetImport.Clear();
        else
            _model.OpsetImport.Add(new OperatorSetIdProto { Domain = Pick("", "ai.onnx", "com.microsoft", "other", Pick(s_names)), Version = version });
        return $"version {version}";
    }

    private string Types()
    {
        ValueInfoProto[] values = [.. _graphs.SelectMany(g => g.Input.Concat(g.Output).Concat(g.ValueInfo))];
        if (values.Length == 0 || _random.Next(4) == 0)
        {
            ValueInfoProto more = new() { Name = AnyName(), Type = values.Length > 0 ? Pick(values).Type?.Clone() : null };
            Pick(_graphs).ValueInfo.Add(more);
            return $"a type for '{Short(more.Name)}'";
        }

        ValueInfoProto value = Pick(values);
        switch (_random.Next(6))
        {
            case 0:
                value.Type = null;
                return "no type";
            case 1:
                int depth = _random.Next(1, 70);
                for (int i = 0; i < depth; i++)
                {
                    value.Type = _random.Next(3) switch
                    {
                        0 => new TypeProto { OptionalType = new TypeProto.Types.Optional { ElemType = value.Type } },
                        1 => new TypeProto { MapType = new TypeProto.Types.Map { KeyType = 7, ValueType = value.Type } },
                        _ => new TypeProto { SequenceType = new TypeProto.Types.Sequence { ElemType = value.Type } },
                    };
                }

                return $"{depth} times a sequence";
            case 2 when value.Type?.TensorType is { } tensor:
                tensor.ElemType = _random.Next(-1, 30);
                return $"the element type {tensor.ElemType}";
            default:
                if (value.Type?.TensorType is not { } shaped)
                    return "nothing";
                shaped.Shape ??= new TensorShapeProto();
                if (_random.Next(3) == 0 || shaped.Shape.Dim.Count == 0)
                    shaped.Shape.Dim.Add(Enumerable.Range(0, _random.Next(5) == 0 ? 200 : 1).Select(_ => AnySize()));
                else
                    shaped.Shape.Dim[_random.Next(shaped.Shape.Dim.Count)] = AnySize();
                return $"another shape of '{Short(value.Name)}'";
        }
    }

    private string Interface()
    {
        GraphProto graph = Pick(_graphs);
        switch (_random.Next(6))
        {
            case 0 when graph.Input.Count > 0:
                graph.Input.RemoveAt(_random.Next(graph.Input.Count));
                return "an input is gone";
            case 1 when graph.Output.Count > 0:
                graph.Output.RemoveAt(_random.Next(graph.Output.Count));
                return "an output is gone";
            case 2 when graph.Output.Count > 0:
                graph.Output.Add(Pick(graph.Output).Clone());
                return "an output twice";
            case 3 when graph.Input.Count > 0:
                graph.Output.Add(Pick(graph.Input).Clone());
                return "an input is an output";
            case 4:
                graph.Output.Add(new ValueInfoProto { Name = AnyName() });
                return "another output";
            default:
                graph.Input.Add(new ValueInfoProto { Name = AnyName() });
                return "another input";
        }
    }

    private string Initializers()
    {
        GraphProto graph = Pick(_graphs);
        if (graph.Initializer.Count == 0)
            return "nothing";
        TensorProto tensor = Pick(graph.Initializer);
        switch (_random.Next(4))
        {
            case 0:
                graph.Initializer.Remove(tensor);
                return "an initializer is gone";
            case 1:
                graph.Initializer.Add(tensor.Clone());
                return "an initializer twice";
            case 2:
                tensor.Name = AnyName();
                return "an initializer has another name";
            default:
                graph.Input.Add(new ValueInfoProto { Name = tensor.Name });
                return "an initializer is an input";
        }
    }

    private string Subgraph()
    {
        GraphProto inner = Pick(_graphs).Clone();
        AttributeProto[] holders = [.. _nodes.SelectMany(n => n.Attribute).Where(a => a.G is not null)];
        if (holders.Length > 0 && _random.Next(2) == 0)
        {
            Pick(holders).G = inner;
            return "another subgraph";
        }

        var node = new NodeProto { OpType = Pick("If", "Loop", "Scan", "SequenceMap"), Input = { AnyName(), AnyName() }, Output = { $"sub{_random.Next(100)}" } };
        foreach (string name in node.OpType == "If" ? ["then_branch", "else_branch"] : new[] { "body" })
            node.Attribute.Add(new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Graph, G = inner });
        if (node.OpType == "Scan")
            node.Attribute.Add(new AttributeProto { Name = "num_scan_inputs", Type = AttributeProto.Types.AttributeType.Int, I = Pick(s_sizes) });
        GraphProto graph = Pick(_graphs);
        graph.Node.Insert(_random.Next(graph.Node.Count + 1), node);
        return $"{node.OpType} with a graph of the model";
    }

    private string Functions()
    {
        if (_model.Functions.Count == 0 || _random.Next(3) == 0)
        {
            if (_nodes.Length == 0)
                return "nothing";
            NodeProto node = Pick(_nodes);
            var function = new FunctionProto { Name = node.OpType, Domain = node.Domain, Input = { node.Input }, Output = { node.Output.Where(o => o.Length > 0) } };
            function.Node.Add(node.Clone());
            function.OpsetImport.Add(_model.OpsetImport);
            _model.Functions.Add(function);
            return $"the function {node.OpType} that calls itself";
        }

        FunctionProto one = Pick(_model.Functions);
        switch (_random.Next(5))
        {
            case 0:
                one.Input.Clear();
                return "a function without inputs";
            case 1:
                one.Output.Add(AnyName());
                return "one more output of a function";
            case 2:
                one.Name = _nodes.Length > 0 ? Pick(_nodes).OpType : "f";
                return "a function of another name";
            case 3:
                _model.Functions.Add(one.Clone());
                return "a function twice";
            default:
                one.Node.Add(_nodes.Select(n => n.Clone()).Take(50));
                return "more nodes in a function";
        }
    }

    private string Rename()
    {
        string from = AnyName(), to = _random.Next(2) == 0 ? Pick(s_names) : AnyName();
        foreach (NodeProto node in _nodes)
        {
            Replace(node.Input, from, to);
            Replace(node.Output, from, to);
        }

        foreach (GraphProto graph in _graphs)
        {
            foreach (ValueInfoProto value in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo).Where(v => v.Name == from))
                value.Name = to;
            foreach (TensorProto tensor in graph.Initializer.Where(t => t.Name == from))
                tensor.Name = to;
        }

        return $"'{Short(from)}' becomes '{Short(to)}'";
    }

    private string Sparse()
    {
        GraphProto graph = Pick(_graphs);
        var sparse = new SparseTensorProto
        {
            Values = _tensors.Length > 0 && _random.Next(2) == 0 ? Pick(_tensors).Clone() : new TensorProto { Name = AnyName(), DataType = 1, Dims = { 2 }, FloatData = { 1, 2 } },
            Indices = new TensorProto { DataType = 7, Dims = { 2 }, Int64Data = { Pick(s_sizes), Pick(s_sizes) } },
        };
        sparse.Dims.Add(Enumerable.Range(0, _random.Next(4)).Select(_ => Pick(s_sizes)));
        graph.SparseInitializer.Add(sparse);
        return "a sparse initializer";
    }

    private string Texts()
    {
        string text = Pick(s_names);
        switch (_random.Next(6))
        {
            case 0:
                _model.ProducerName = text;
                break;
            case 1:
                _model.MetadataProps.Add([new() { Key = text, Value = text }, new() { Key = text, Value = text }]);
                break;
            case 2 when _nodes.Length > 0:
                Pick(_nodes).Name = text;
                break;
            case 3 when _nodes.Length > 0:
                Pick(_nodes).OpType = text;
                break;
            case 4:
                Pick(_graphs).Name = text;
                break;
            default:
                _model.DocString = text;
                break;
        }

        return $"the text '{Short(text)}'";
    }

    private TensorShapeProto.Types.Dimension AnySize() => _random.Next(3) switch
    {
        0 => new() { DimValue = Pick(s_sizes) },
        1 => new() { DimParam = Pick(s_expressions) },
        _ => new() { DimParam = Pick(s_names) },
    };

    /// <summary>A name that the model uses.</summary>
    private string AnyName()
    {
        string[] names = [.. _nodes.SelectMany(n => n.Input.Concat(n.Output)), .. _graphs.SelectMany(g => g.Input.Concat(g.Output)).Select(v => v.Name)];
        return names.Length == 0 ? "x" : Pick(names);
    }

    private T Pick<T>(params IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    private static string Short(string text) => text.Length > 20 ? text[..20] + "…" : text;

    private static void Replace(RepeatedField<string> names, string from, string to)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] == from)
                names[i] = to;
        }
    }

    private static void Collect(GraphProto graph, List<GraphProto> graphs)
    {
        graphs.Add(graph);
        Collect(graph.Node, graphs);
    }

    private static void Collect(IEnumerable<NodeProto> nodes, List<GraphProto> graphs)
    {
        foreach (AttributeProto attribute in nodes.SelectMany(n => n.Attribute))
        {
            if (attribute.G is { } graph)
                Collect(graph, graphs);
            foreach (GraphProto inner in attribute.Graphs)
                Collect(inner, graphs);
        }
    }
}
