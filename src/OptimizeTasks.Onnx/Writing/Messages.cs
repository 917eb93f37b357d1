using System.Buffers;
using System.Collections.Immutable;
using Google.Protobuf;
using Google.Protobuf.Collections;
using OptimizeTasks.Onnx.Protobuf;

namespace OptimizeTasks.Onnx.Writing;

/// <summary>Makes messages of objects, without the nodes, tensors and graphs inside.</summary>
internal static class Messages
{
    public static ModelProto Head(Model model)
    {
        var message = new ModelProto { IrVersion = model.IrVersion };
        if (model.ProducerName is not null)
            message.ProducerName = model.ProducerName;
        if (model.ProducerVersion is not null)
            message.ProducerVersion = model.ProducerVersion;
        if (model.Domain is not null)
            message.Domain = model.Domain;
        if (model.ModelVersion is { } version)
            message.ModelVersion = version;
        if (model.DocString is not null)
            message.DocString = model.DocString;
        Add(message.OpsetImport, model.Opsets);
        Add(message.MetadataProps, model.Metadata);
        return message;
    }

    public static void ClearHead(ModelProto message)
    {
        message.ClearIrVersion();
        message.ClearProducerName();
        message.ClearProducerVersion();
        message.ClearDomain();
        message.ClearModelVersion();
        message.ClearDocString();
        message.OpsetImport.Clear();
        message.MetadataProps.Clear();
    }

    public static FunctionProto Head(Function function)
    {
        var message = new FunctionProto { Name = function.Name, Domain = function.Domain };
        message.Input.Add(function.Body.Inputs.Select(v => v.Name));
        message.Output.Add(function.Body.Outputs.Select(v => v.Name));
        message.Attribute.Add(function.AttributeNames);
        if (function.DocString is not null)
            message.DocString = function.DocString;
        Add(message.OpsetImport, function.Opsets);
        message.ValueInfo.Add(ValueInfos(function.Body));
        if (function.Overload is not null)
            message.Overload = function.Overload;
        Add(message.MetadataProps, function.Metadata);
        return message;
    }

    public static void ClearHead(FunctionProto message)
    {
        message.ClearName();
        message.ClearDomain();
        message.Input.Clear();
        message.Output.Clear();
        message.Attribute.Clear();
        message.ClearDocString();
        message.OpsetImport.Clear();
        message.ValueInfo.Clear();
        message.ClearOverload();
        message.MetadataProps.Clear();
    }

    public static GraphProto Head(Graph graph)
    {
        var message = new GraphProto { Name = graph.Name };
        if (graph.DocString is not null)
            message.DocString = graph.DocString;
        message.Input.Add(graph.Inputs.Select(v => ValueInfo(v, ValueRole.Input)));
        message.Output.Add(graph.Outputs.Select(v => ValueInfo(v, ValueRole.Output)));
        message.ValueInfo.Add(ValueInfos(graph));
        Add(message.MetadataProps, graph.Metadata);
        return message;
    }

    public static void ClearHead(GraphProto message, Graph graph)
    {
        TensorAnnotation[] annotations = [.. message.QuantizationAnnotation.Where(a => graph.FindOwn(a.TensorName) is not null)];
        message.QuantizationAnnotation.Clear();
        message.QuantizationAnnotation.Add(annotations);
        message.ClearName();
        message.ClearDocString();
        message.Input.Clear();
        message.Output.Clear();
        message.ValueInfo.Clear();
        message.MetadataProps.Clear();
    }

    public static NodeProto Head(Node node)
    {
        var message = new NodeProto { OpType = node.OpType };
        message.Input.Add(node.Inputs.Select(v => v?.Name ?? ""));
        message.Output.Add(node.Outputs.Select(v => v?.Name ?? ""));
        if (node.Name.Length > 0)
            message.Name = node.Name;
        if (node.DocString is not null)
            message.DocString = node.DocString;
        if (node.Domain.Length > 0)
            message.Domain = node.Domain;
        if (node.Overload is not null)
            message.Overload = node.Overload;
        Add(message.MetadataProps, node.Metadata);
        return message;
    }

    public static void ClearHead(NodeProto message)
    {
        message.Input.Clear();
        message.Output.Clear();
        message.ClearName();
        message.ClearOpType();
        message.ClearDocString();
        message.ClearDomain();
        message.ClearOverload();
        message.MetadataProps.Clear();
    }

    public static AttributeProto Head(NodeAttribute attribute)
    {
        var message = new AttributeProto { Name = attribute.Name, Type = (AttributeProto.Types.AttributeType)attribute.Kind };
        if (attribute.DocString is not null)
            message.DocString = attribute.DocString;
        switch (attribute)
        {
            case FloatAttribute a:
                message.F = a.Value;
                break;
            case IntAttribute a:
                message.I = a.Value;
                break;
            case StringAttribute a:
                message.S = ByteString.CopyFrom(a.Bytes.Span);
                break;
            case FloatsAttribute a:
                message.Floats.Add(a.Values);
                break;
            case IntsAttribute a:
                message.Ints.Add(a.Values);
                break;
            case StringsAttribute a:
                message.Strings.Add(a.Values.Select(v => ByteString.CopyFrom(v.Span)));
                break;
            case TypeAttribute a:
                message.Tp = Type(a.Value);
                break;
            case TypesAttribute a:
                message.TypeProtos.Add(a.Values.Select(Type));
                break;
            case ReferenceAttribute a:
                message.RefAttrName = a.Referenced;
                break;
            default:
                break;
        }

        return message;
    }

    public static TensorProto Head(Tensor tensor)
    {
        var message = new TensorProto { DataType = (int)tensor.ElementType };
        message.Dims.Add(tensor.Dimensions);
        if (tensor.DocString is not null)
            message.DocString = tensor.DocString;
        Add(message.MetadataProps, tensor.Metadata);
        return message;
    }

    /// <summary>The value's entry among inputs, outputs or <c>value_info</c>: as in the file, if the value did not change.</summary>
    public static ValueInfoProto ValueInfo(Value value, ValueRole role)
    {
        ValueInfoProto message = ValueInfo(value);
        return value.Origins.GetValueOrDefault(role)?.Restore(message, ClearHead) ?? message;
    }

    public static ValueInfoProto ValueInfo(Value value)
    {
        var message = new ValueInfoProto { Name = value.Name };
        if (value.Type is not null)
            message.Type = Type(value.Type);
        if (value.DocString is not null)
            message.DocString = value.DocString;
        Add(message.MetadataProps, value.Metadata);
        return message;
    }

    public static TypeProto Type(OnnxType? type)
    {
        var message = new TypeProto();
        if (type?.Denotation is { } denotation)
            message.Denotation = denotation;
        switch (type)
        {
            case TensorType t:
                message.TensorType = new TypeProto.Types.Tensor { ElemType = (int)t.ElementType, Shape = Shape(t.Shape) };
                break;
            case SparseTensorType t:
                message.SparseTensorType = new TypeProto.Types.SparseTensor { ElemType = (int)t.ElementType, Shape = Shape(t.Shape) };
                break;
            case SequenceType t:
                message.SequenceType = new TypeProto.Types.Sequence { ElemType = t.Element is null ? null : Type(t.Element) };
                break;
            case OptionalType t:
                message.OptionalType = new TypeProto.Types.Optional { ElemType = t.Element is null ? null : Type(t.Element) };
                break;
            case MapType t:
                message.MapType = new TypeProto.Types.Map { KeyType = (int)t.Key, ValueType = t.Value is null ? null : Type(t.Value) };
                break;
            case OpaqueType t:
                message.OpaqueType = new TypeProto.Types.Opaque();
                if (t.Domain is not null)
                    message.OpaqueType.Domain = t.Domain;
                if (t.Name is not null)
                    message.OpaqueType.Name = t.Name;
                break;
            default:
                break;
        }

        return message;
    }

    public static ImmutableArray<KeyValuePair<string, string>> Entries(RepeatedField<StringStringEntryProto> entries) =>
        [.. entries.Select(e => KeyValuePair.Create(e.Key, e.Value))];

    /// <summary>Whether two messages are written alike. Their own equality ignores whether a field that has its default value is present.</summary>
    public static bool AreSame(IMessage a, IMessage b)
    {
        int size = a.CalculateSize();
        if (size != b.CalculateSize())
            return false;
        byte[] bytes = ArrayPool<byte>.Shared.Rent(2 * size);
        Span<byte> first = bytes.AsSpan(0, size);
        Span<byte> second = bytes.AsSpan(size, size);
        a.WriteTo(first);
        b.WriteTo(second);
        bool same = first.SequenceEqual(second);
        ArrayPool<byte>.Shared.Return(bytes);
        return same;
    }

    private static void ClearHead(ValueInfoProto message)
    {
        message.ClearName();
        message.Type = null;
        message.ClearDocString();
        message.MetadataProps.Clear();
    }

    /// <summary>The entries of the file in their order, then new ones in the order of the nodes.</summary>
    private static IEnumerable<ValueInfoProto> ValueInfos(Graph graph)
    {
        var known = new HashSet<Value>();
        foreach (Description description in graph.Descriptions)
        {
            if (description.Value is not { } value)
                yield return description.Unresolved!;
            else if (graph.FindOwn(value.Name) == value && known.Add(value))
                yield return ValueInfo(value, ValueRole.Inner);
        }

        foreach (Value? value in graph.Nodes.SelectMany(n => n.Outputs))
        {
            if (value is { Type: not null, IsOutput: false } && known.Add(value))
                yield return ValueInfo(value, ValueRole.Inner);
        }
    }

    private static TensorShapeProto? Shape(Shape? shape)
    {
        if (shape is null)
            return null;
        var message = new TensorShapeProto();
        foreach (Dimension dimension in shape)
        {
            var size = new TensorShapeProto.Types.Dimension();
            if (dimension.TryGetValue(out long value))
                size.DimValue = value;
            else if (dimension.IsKnown)
                size.DimParam = dimension.ToString();
            message.Dim.Add(size);
        }

        return message;
    }

    private static void Add(RepeatedField<StringStringEntryProto> entries, ImmutableArray<KeyValuePair<string, string>> metadata) =>
        entries.Add(metadata.Select(m => new StringStringEntryProto { Key = m.Key, Value = m.Value }));

    private static void Add(RepeatedField<OperatorSetIdProto> entries, IEnumerable<KeyValuePair<string, long>> opsets) =>
        entries.Add(opsets.Select(o => new OperatorSetIdProto { Domain = o.Key, Version = o.Value }));
}
