namespace OptimizeTasks.Onnx.Reading;

/// <summary>
/// What <see cref="MemoryBudget"/> knows of a kind of message. Protobuf's own descriptors say it too, but making them takes
/// longer than reading a model does; a test compares the two.
/// </summary>
internal sealed class MessageKind
{
    private const int ObjectCost = 48;
    private const int FieldCost = 8;
    private const int ListCost = 40;
    private const int MostFields = 27;

    private readonly MessageKind?[] _messages = new MessageKind?[MostFields];
    private readonly byte[] _numbers = new byte[MostFields];
    private int _texts;
    private int _blobs;

    static MessageKind()
    {
        Model.With(7, Graph).With(8, OperatorSet).With(14, Entry).With(20, Training).With(25, Function).With(26, DeviceConfiguration);
        DeviceConfiguration.WithTexts(3);
        Function.With(7, Node).With(9, OperatorSet).With(11, Attribute).With(12, ValueInfo).With(14, Entry).WithTexts(4, 5, 6);
        Training.With(1, Graph).With(2, Graph).With(3, Entry).With(4, Entry);
        Graph.With(1, Node).With(5, Tensor).With(11, ValueInfo).With(12, ValueInfo).With(13, ValueInfo).With(14, Annotation).With(15, SparseTensor).With(16, Entry);
        Annotation.With(2, Entry);
        Node.With(5, Attribute).With(9, Entry).With(10, NodeDevice).WithTexts(1, 2);
        NodeDevice.With(2, Sharding);
        Sharding.With(3, DeviceGroup).With(4, ShardedDimension).WithNumbers(2, 28);
        DeviceGroup.WithNumbers(2, 28);
        ShardedDimension.With(2, SimpleSharding);
        Attribute.With(5, Tensor).With(6, Graph).With(10, Tensor).With(11, Graph).With(14, Type).With(15, Type).With(22, SparseTensor).With(23, SparseTensor).WithTexts(9);
        Attribute.WithNumbers(8, 28).WithBlobs(4, 9);
        SparseTensor.With(1, Tensor).With(2, Tensor).WithNumbers(3, 28);
        Tensor.With(3, Segment).With(13, Entry).With(16, Entry).WithTexts(6);
        Tensor.WithNumbers(1, 28).WithNumbers(5, 14).WithNumbers(7, 24).WithNumbers(11, 24).WithBlobs(6, 9);
        ValueInfo.With(2, Type).With(4, Entry);
        Type.With(1, TensorType).With(4, WrappedType).With(5, MapType).With(7, OpaqueType).With(8, TensorType).With(9, WrappedType);
        TensorType.With(2, Shape);
        WrappedType.With(1, Type);
        MapType.With(2, Type);
        Shape.With(1, Dimension);
    }

    /// <param name="fields">Fields that occur once.</param>
    /// <param name="lists">Fields that occur any number of times.</param>
    /// <param name="becomes">Bytes of what becomes of the message: nodes, values, tensors, graphs.</param>
    private MessageKind(int fields, int lists, int becomes = 0) => Cost = ObjectCost + (FieldCost * fields) + (ListCost * lists) + becomes;

    public static MessageKind Model { get; } = new(7, 5);

    public static MessageKind Function { get; } = new(4, 8, becomes: 1200);

    public static MessageKind Graph { get; } = new(2, 8, becomes: 6000);

    public static MessageKind Node { get; } = new(5, 5, becomes: 250);

    public static MessageKind Attribute { get; } = new(11, 7, becomes: 150);

    public static MessageKind Tensor { get; } = new(6, 9, becomes: 500);

    public static MessageKind ValueInfo { get; } = new(3, 1, becomes: 150);

    private static MessageKind DeviceConfiguration { get; } = new(2, 1);

    private static MessageKind OperatorSet { get; } = new(2, 0);

    private static MessageKind Entry { get; } = new(2, 0, becomes: 150);

    private static MessageKind Training { get; } = new(2, 2);

    private static MessageKind Annotation { get; } = new(1, 1, becomes: 150);

    private static MessageKind NodeDevice { get; } = new(2, 1);

    private static MessageKind Sharding { get; } = new(1, 3);

    private static MessageKind DeviceGroup { get; } = new(1, 1);

    private static MessageKind ShardedDimension { get; } = new(1, 1);

    private static MessageKind SimpleSharding { get; } = new(3, 0);

    private static MessageKind SparseTensor { get; } = new(2, 1);

    private static MessageKind Segment { get; } = new(2, 0);

    private static MessageKind Type { get; } = new(7, 0);

    private static MessageKind TensorType { get; } = new(2, 0);

    private static MessageKind WrappedType { get; } = new(1, 0);

    private static MessageKind MapType { get; } = new(2, 0);

    private static MessageKind OpaqueType { get; } = new(2, 0);

    private static MessageKind Shape { get; } = new(0, 1);

    private static MessageKind Dimension { get; } = new(3, 0);

    /// <summary>Bytes of one such message in memory: an object with a reference or a number for each field, and an empty list for each repeated one.</summary>
    public int Cost { get; }

    /// <summary>The kind of the messages in this field, or null where it holds none.</summary>
    public MessageKind? MessagesIn(ulong field) => field < MostFields ? _messages[field] : null;

    /// <summary>Whether the field is a list of texts, each an object of its own.</summary>
    public bool HasTextsIn(ulong field) => field < MostFields && (_texts & (1 << (int)field)) != 0;

    /// <summary>Bytes that each number of this field takes while the list is read; 0 where the field is no list of numbers that can be a byte in the file.</summary>
    public int NumberCost(ulong field) => field < MostFields ? _numbers[field] : 0;

    /// <summary>Whether the field holds bytes, which are kept as they are; texts are made of others.</summary>
    public bool IsBlob(ulong field) => field < MostFields && (_blobs & (1 << (int)field)) != 0;

    private MessageKind With(int field, MessageKind kind)
    {
        _messages[field] = kind;
        return this;
    }

    private void WithTexts(params ReadOnlySpan<int> fields)
    {
        foreach (int field in fields)
            _texts |= 1 << field;
    }

    private MessageKind WithNumbers(int field, byte cost)
    {
        _numbers[field] = cost;
        return this;
    }

    private void WithBlobs(params ReadOnlySpan<int> fields)
    {
        foreach (int field in fields)
            _blobs |= 1 << field;
    }
}
