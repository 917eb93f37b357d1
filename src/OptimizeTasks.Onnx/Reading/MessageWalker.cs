using System.Buffers;
using Google.Protobuf;
using OptimizeTasks.Onnx.Protobuf;

namespace OptimizeTasks.Onnx.Reading;

/// <summary>Where the elements of a tensor stand, and in which of its fields.</summary>
internal readonly record struct WeightRange(int Field, long Offset, long Length);

/// <summary>
/// Reads a model's messages without the bytes of its weights. What may hold weights is walked by hand; generated code
/// parses the rest.
/// </summary>
internal sealed class MessageWalker(WireReader reader, CancellationToken cancellationToken)
{
    /// <summary>Messages up to this length are parsed at once, weights included.</summary>
    private const int SmallMessage = 4096;

    /// <summary>Graphs inside graphs. Generated code has a limit of about the same depth.</summary>
    private const int DeepestGraph = 32;

    private readonly MemoryBudget _memory = new(reader.Length);

    // As messages, many nodes would take more memory than as what becomes of them.
    private readonly Dictionary<GraphProto, List<NodePlace>> _nodes = new(ReferenceEqualityComparer.Instance);

    /// <summary>The tensors whose elements were left in the file.</summary>
    public Dictionary<TensorProto, WeightRange> Weights { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>The nodes of a graph. Small ones were left in the file: they are parsed anew each time.</summary>
    public IEnumerable<NodeProto> NodesOf(GraphProto graph) => _nodes.TryGetValue(graph, out List<NodePlace>? places) ? places.Select(Parse) : graph.Node;

    /// <summary>How many nodes a graph has.</summary>
    public int NodeCountOf(GraphProto graph) => _nodes.TryGetValue(graph, out List<NodePlace>? places) ? places.Count : graph.Node.Count;

    public ModelProto ReadModel()
    {
        var model = new ModelProto();
        CheckBeginning();
        Walk(model, MessageKind.Model, 0, reader.Length, field =>
        {
            switch (field.Number)
            {
                case ModelProto.GraphFieldNumber:
                    ReadGraph(model.Graph ??= new GraphProto(), field, 0);
                    return true;
                case ModelProto.FunctionsFieldNumber:
                    model.Functions.Add(ReadFunction(field));
                    return true;
                default:
                    return false;
            }
        });
        return model;
    }

    /// <summary>A text or an image can pass as unknown protobuf fields for a while: the first field must be one of a model's.</summary>
    private void CheckBeginning()
    {
        if (reader.Length == 0)
            throw new ModelFormatException(ModelFault.NotAModel, "The file is empty.");
        ReadOnlySpan<byte> start = reader.Bytes(0, Math.Min(reader.Length, 64));
        if (start.StartsWith("version https://git-lfs"u8))
            throw new ModelFormatException(ModelFault.NotAModel, "The file is a Git LFS pointer, not the model itself.");
        int number = start[0] >> 3;
        bool isVarint = number is ModelProto.IrVersionFieldNumber or ModelProto.ModelVersionFieldNumber;
        // The tags of all fields that can come first take one byte, or two for the last ones.
        if (start[0] >= 0x80 ? start.Length < 2 || start[1] is 0 or > 1 : number > ModelProto.MetadataPropsFieldNumber || (start[0] & 7) != (isVarint ? 0 : 2))
            throw new ModelFormatException(ModelFault.NotAModel, "The file does not begin like an ONNX model.");
    }

    private void ReadGraph(GraphProto graph, WireField range, int depth)
    {
        if (depth > DeepestGraph)
            throw new ModelFormatException($"Graphs are nested deeper than {DeepestGraph}.");
        _memory.Spend(MessageKind.Graph);
        if (!_nodes.TryGetValue(graph, out List<NodePlace>? nodes))
            _nodes.Add(graph, nodes = []);
        Walk(graph, MessageKind.Graph, range, field =>
        {
            switch (field.Number)
            {
                case GraphProto.NodeFieldNumber:
                    nodes.Add(Place(field, depth));
                    return true;
                case GraphProto.InitializerFieldNumber:
                    graph.Initializer.Add(ReadTensor(field));
                    return true;
                default:
                    return false;
            }
        });
    }

    private FunctionProto ReadFunction(WireField range)
    {
        _memory.Spend(MessageKind.Function);
        var function = new FunctionProto();
        Walk(function, MessageKind.Function, range, field =>
        {
            switch (field.Number)
            {
                case FunctionProto.NodeFieldNumber:
                    function.Node.Add(ReadNode(field, 0));
                    return true;
                case FunctionProto.AttributeProtoFieldNumber:
                    function.AttributeProto.Add(ReadAttribute(field, 0));
                    return true;
                default:
                    return false;
            }
        });
        return function;
    }

    private NodePlace Place(WireField range, int depth)
    {
        if (!IsSmall(range))
            return new NodePlace(0, 0, ReadNode(range, depth));
        cancellationToken.ThrowIfCancellationRequested();
        CheckIsMessage(range);
        _memory.Spend(MessageKind.Node);
        _memory.SpendContent(MessageKind.Node, reader.Bytes(range.Content, range.End));
        return new NodePlace(range.Content, (int)range.Length, null);
    }

    private NodeProto Parse(NodePlace place)
    {
        if (place.Message is { } message)
            return message;
        try
        {
            return NodeProto.Parser.ParseFrom(reader.Bytes(place.Offset, place.Offset + place.Length));
        }
        catch (Exception e) when (IsParseFailure(e))
        {
            throw Invalid(e);
        }
    }

    private NodeProto ReadNode(WireField range, int depth)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _memory.Spend(MessageKind.Node);
        if (IsSmall(range))
            return Parse(NodeProto.Parser, MessageKind.Node, range);
        var node = new NodeProto();
        Walk(node, MessageKind.Node, range, field =>
        {
            if (field.Number != NodeProto.AttributeFieldNumber)
                return false;
            node.Attribute.Add(ReadAttribute(field, depth));
            return true;
        });
        return node;
    }

    private AttributeProto ReadAttribute(WireField range, int depth)
    {
        _memory.Spend(MessageKind.Attribute);
        if (IsSmall(range))
            return Parse(AttributeProto.Parser, MessageKind.Attribute, range);
        var attribute = new AttributeProto();
        Walk(attribute, MessageKind.Attribute, range, field =>
        {
            switch (field.Number)
            {
                case AttributeProto.TFieldNumber when attribute.T is null:
                    attribute.T = ReadTensor(field);
                    return true;
                case AttributeProto.TensorsFieldNumber:
                    attribute.Tensors.Add(ReadTensor(field));
                    return true;
                case AttributeProto.GFieldNumber:
                    ReadGraph(attribute.G ??= new GraphProto(), field, depth + 1);
                    return true;
                case AttributeProto.GraphsFieldNumber:
                    var graph = new GraphProto();
                    ReadGraph(graph, field, depth + 1);
                    attribute.Graphs.Add(graph);
                    return true;
                default:
                    return false;
            }
        });
        return attribute;
    }

    private TensorProto ReadTensor(WireField range)
    {
        _memory.Spend(MessageKind.Tensor);
        if (IsSmall(range))
            return Parse(TensorProto.Parser, MessageKind.Tensor, range);
        var tensor = new TensorProto();
        Walk(tensor, MessageKind.Tensor, range, field =>
        {
            // The packed forms of float_data and double_data are laid out like raw_data.
            if (field.Number is not (TensorProto.RawDataFieldNumber or TensorProto.FloatDataFieldNumber or TensorProto.DoubleDataFieldNumber)
                || field.Type != WireFormat.WireType.LengthDelimited || IsSmall(field) || Weights.ContainsKey(tensor))
            {
                return false;
            }

            Weights.Add(tensor, new WeightRange(field.Number, field.Content, field.Length));
            return true;
        });
        return tensor;
    }

    private void Walk(IMessage message, MessageKind kind, WireField range, Func<WireField, bool> descend)
    {
        CheckIsMessage(range);
        Walk(message, kind, range.Content, range.End, descend);
    }

    /// <summary>Hands the fields to <paramref name="descend"/>, and those that it does not take to generated code.</summary>
    private void Walk(IMessage message, MessageKind kind, long start, long end, Func<WireField, bool> descend)
    {
        var rest = new ArrayBufferWriter<byte>();
        for (long position = start; position < end;)
        {
            WireField field = reader.Field(position, end);
            position = field.End;
            if (descend(field))
                continue;
            if (rest.WrittenCount + (field.End - field.Start) > WireReader.LargestPart)
                throw new ModelFormatException($"The message at byte {start} has more than {WireReader.LargestPart} bytes beside weights.");
            rest.Write(reader.Bytes(field.Start, field.End));
        }

        _memory.SpendContent(kind, rest.WrittenSpan);
        message.MergeFrom(rest.WrittenSpan);
    }

    private T Parse<T>(MessageParser<T> parser, MessageKind kind, WireField range)
        where T : class, IMessage<T>, new()
    {
        CheckIsMessage(range);
        ReadOnlySpan<byte> bytes = reader.Bytes(range.Content, range.End);
        _memory.SpendContent(kind, bytes);
        return parser.ParseFrom(bytes);
    }

    private static void CheckIsMessage(WireField range)
    {
        if (range.Type != WireFormat.WireType.LengthDelimited)
            throw new ModelFormatException(ModelFault.NotAModel, $"The field at byte {range.Start} is not a message.");
    }

    /// <summary>The second is what generated code makes of a number without end at the end of a message.</summary>
    public static bool IsParseFailure(Exception e) => e is InvalidProtocolBufferException or IndexOutOfRangeException;

    public static ModelFormatException Invalid(Exception e) => new(ModelFault.NotAModel, $"The file is not a valid protobuf: {e.Message}", e);

    private static bool IsSmall(WireField field) => field.Length <= SmallMessage;

    /// <summary>Where a small node stands, or the message of a large one.</summary>
    private readonly record struct NodePlace(long Offset, int Length, NodeProto? Message);
}
