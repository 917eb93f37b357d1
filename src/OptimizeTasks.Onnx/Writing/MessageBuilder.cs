using System.Buffers.Binary;
using System.Globalization;
using Google.Protobuf;
using OptimizeTasks.Onnx.Protobuf;

namespace OptimizeTasks.Onnx.Writing;

/// <summary>Makes a model's message, with references in place of its weights. Fields stand in the order of their numbers.</summary>
/// <param name="external">Where large tensors go; null where all stay in the message.</param>
/// <param name="cancellationToken">Ends the work.</param>
internal sealed class MessageBuilder(IExternalPlaces? external, CancellationToken cancellationToken)
{
    public MessageBuffer Build(Model model)
    {
        ModelProto head = Messages.Head(model);
        var fields = new OrderedFields(model.Origin?.Restore(head, Messages.ClearHead) ?? head);
        var buffer = new MessageBuffer();
        buffer.Append(fields.Before(ModelProto.GraphFieldNumber));
        buffer.Append(ModelProto.GraphFieldNumber, Build(model.Graph));
        buffer.Append(fields.Before(ModelProto.FunctionsFieldNumber));
        foreach (Function function in model.Functions)
            buffer.Append(ModelProto.FunctionsFieldNumber, Build(function));
        buffer.Append(fields.Rest());
        return buffer;
    }

    private MessageBuffer Build(Graph graph)
    {
        foreach (Value output in graph.Outputs)
            CheckName(graph, output, "An output");
        GraphProto head = Messages.Head(graph);
        var fields = new OrderedFields(graph.Origin?.Restore(head, message => Messages.ClearHead(message, graph)) ?? head);
        var buffer = new MessageBuffer();
        foreach (Node node in graph.Nodes)
            buffer.Append(GraphProto.NodeFieldNumber, Build(node));
        buffer.Append(fields.Before(GraphProto.InitializerFieldNumber));
        foreach (Value value in graph.Initializers)
            buffer.Append(GraphProto.InitializerFieldNumber, Build(value.Initializer!, value.Name, isAttribute: false));
        buffer.Append(fields.Before(GraphProto.SparseInitializerFieldNumber));
        foreach (Value value in graph.SparseInitializers)
            buffer.Append(GraphProto.SparseInitializerFieldNumber, Build(value.SparseInitializer!, value.Name));
        buffer.Append(fields.Rest());
        return buffer;
    }

    private MessageBuffer Build(Function function)
    {
        FunctionProto head = Messages.Head(function);
        var fields = new OrderedFields(function.Origin?.Restore(head, Messages.ClearHead) ?? head);
        var buffer = new MessageBuffer();
        buffer.Append(fields.Before(FunctionProto.NodeFieldNumber));
        foreach (Node node in function.Body.Nodes)
            buffer.Append(FunctionProto.NodeFieldNumber, Build(node));
        buffer.Append(fields.Before(FunctionProto.AttributeProtoFieldNumber));
        foreach (NodeAttribute attribute in function.AttributeDefaults)
            buffer.Append(FunctionProto.AttributeProtoFieldNumber, Build(attribute));
        buffer.Append(fields.Rest());
        return buffer;
    }

    private MessageBuffer Build(Node node)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CheckNames(node);
        NodeProto head = Messages.Head(node);
        var fields = new OrderedFields(node.Origin?.Restore(head, Messages.ClearHead) ?? head);
        var buffer = new MessageBuffer();
        buffer.Append(fields.Before(NodeProto.AttributeFieldNumber));
        foreach (NodeAttribute attribute in node.Attributes)
            buffer.Append(NodeProto.AttributeFieldNumber, Build(attribute));
        buffer.Append(fields.Rest());
        return buffer;
    }

    /// <summary>A file knows values by name only: the name of every input must lead to the value.</summary>
    private static void CheckNames(Node node)
    {
        foreach (Value? input in node.Inputs)
        {
            if (input is not null)
                CheckName(node.Graph!, input, node);
        }
    }

    private static void CheckName(Graph graph, Value value, object user)
    {
        if (graph.Find(value.Name) != value)
            throw new InvalidOperationException($"{user} uses the value '{value}', which was removed or is hidden by another of this name.");
    }

    private MessageBuffer Build(NodeAttribute attribute)
    {
        var fields = new OrderedFields(attribute.Original ?? Messages.Head(attribute));
        var buffer = new MessageBuffer();
        switch (attribute)
        {
            case TensorAttribute a:
                buffer.Append(fields.Before(AttributeProto.TFieldNumber));
                buffer.Append(AttributeProto.TFieldNumber, Build(a.Value, a.TensorName, isAttribute: true));
                break;
            case GraphAttribute a:
                buffer.Append(fields.Before(AttributeProto.GFieldNumber));
                buffer.Append(AttributeProto.GFieldNumber, Build(a.Value));
                break;
            case TensorsAttribute a:
                buffer.Append(fields.Before(AttributeProto.TensorsFieldNumber));
                foreach ((Tensor tensor, int index) in a.Values.Select((tensor, index) => (tensor, index)))
                    buffer.Append(AttributeProto.TensorsFieldNumber, Build(tensor, a.TensorNames.ElementAtOrDefault(index), isAttribute: true));
                break;
            case GraphsAttribute a:
                buffer.Append(fields.Before(AttributeProto.GraphsFieldNumber));
                foreach (Graph graph in a.Values)
                    buffer.Append(AttributeProto.GraphsFieldNumber, Build(graph));
                break;
            case SparseTensorAttribute a:
                buffer.Append(fields.Before(AttributeProto.SparseTensorFieldNumber));
                buffer.Append(AttributeProto.SparseTensorFieldNumber, Build(a.Value, a.Value.ValuesName));
                break;
            case SparseTensorsAttribute a:
                buffer.Append(fields.Before(AttributeProto.SparseTensorsFieldNumber));
                foreach (SparseTensor tensor in a.Values)
                    buffer.Append(AttributeProto.SparseTensorsFieldNumber, Build(tensor, tensor.ValuesName));
                break;
            default:
                break;
        }

        buffer.Append(fields.Rest());
        return buffer;
    }

    private MessageBuffer Build(SparseTensor tensor, string? name)
    {
        var dimensions = new SparseTensorProto();
        dimensions.Dims.Add(tensor.Dimensions);
        var buffer = new MessageBuffer();
        buffer.Append(SparseTensorProto.ValuesFieldNumber, Build(tensor.Values, name, isAttribute: true));
        buffer.Append(SparseTensorProto.IndicesFieldNumber, Build(tensor.Indices, tensor.IndicesName, isAttribute: true));
        buffer.Append(dimensions.ToByteArray());
        return buffer;
    }

    private MessageBuffer Build(Tensor tensor, string? name, bool isAttribute)
    {
        TensorProto head = tensor.Original?.Clone() ?? Messages.Head(tensor);
        if (name is not null)
            head.Name = name;
        bool isExternal = external?.Takes(tensor, isAttribute) == true;
        if (isExternal)
            SetExternal(head, external!.Location, external.Add(tensor.Data), tensor.ByteLength);

        var fields = new OrderedFields(head);
        var buffer = new MessageBuffer();
        if (!isExternal)
        {
            TensorField field = tensor.Data is StringData ? TensorField.Strings : tensor.Field;
            buffer.Append(fields.Before((int)field));
            AppendElements(buffer, tensor, field);
        }

        buffer.Append(fields.Rest());
        return buffer;
    }

    private static void SetExternal(TensorProto head, string location, long offset, long length)
    {
        head.DataLocation = TensorProto.Types.DataLocation.External;
        head.ExternalData.Clear();
        head.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        head.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = offset.ToString(CultureInfo.InvariantCulture) });
        head.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = length.ToString(CultureInfo.InvariantCulture) });
    }

    /// <summary>The elements in the field that they were read from.</summary>
    private static void AppendElements(MessageBuffer buffer, Tensor tensor, TensorField field)
    {
        var message = new TensorProto();
        switch (field)
        {
            case TensorField.Raw or TensorField.Float or TensorField.Double:
                buffer.Append((int)field, tensor.Data);
                return;
            case TensorField.Strings:
                message.StringData.Add(((StringData)tensor.Data).Values.Select(v => ByteString.CopyFrom(v.Span)));
                break;
            case TensorField.Int64:
                foreach (long value in tensor.Read<long>())
                    message.Int64Data.Add(value);
                break;
            case TensorField.UInt64 when tensor.ElementType == ElementType.UInt32:
                foreach (uint value in tensor.Read<uint>())
                    message.Uint64Data.Add(value);
                break;
            case TensorField.UInt64:
                foreach (ulong value in tensor.Read<ulong>())
                    message.Uint64Data.Add(value);
                break;
            case TensorField.Int32:
                AddInt32(message, tensor.ElementType, tensor.Data.ReadAll().Span);
                break;
            default:
                return;
        }

        buffer.Append(message.ToByteArray());
    }

    private static void AddInt32(TensorProto message, ElementType type, ReadOnlySpan<byte> bytes)
    {
        int size = Math.Max(type.BitWidth() / 8, 1);
        for (int i = 0; i < bytes.Length; i += size)
        {
            ReadOnlySpan<byte> element = bytes[i..];
            message.Int32Data.Add(type switch
            {
                ElementType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(element),
                ElementType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(element),
                ElementType.Int8 => (sbyte)element[0],
                _ when size == 2 => BinaryPrimitives.ReadUInt16LittleEndian(element),
                _ => element[0],
            });
        }
    }
}
