using OptimizeTasks.Onnx.Protobuf;

namespace OptimizeTasks.Onnx.Reading;

/// <summary>Makes types of messages.</summary>
internal static class TypeDecoder
{
    /// <summary>No runtime takes nearly as many.</summary>
    private const int MostDimensions = 1024;

    /// <summary>The type; null where the message says none.</summary>
    public static OnnxType? Decode(TypeProto? message)
    {
        OnnxType? type = message?.ValueCase switch
        {
            TypeProto.ValueOneofCase.TensorType => new TensorType(Element(message.TensorType.ElemType), Decode(message.TensorType.Shape)),
            TypeProto.ValueOneofCase.SparseTensorType => new SparseTensorType(Element(message.SparseTensorType.ElemType), Decode(message.SparseTensorType.Shape)),
            TypeProto.ValueOneofCase.SequenceType => new SequenceType(Decode(message.SequenceType.ElemType)),
            TypeProto.ValueOneofCase.OptionalType => new OptionalType(Decode(message.OptionalType.ElemType)),
            TypeProto.ValueOneofCase.MapType => new MapType(Element(message.MapType.KeyType), Decode(message.MapType.ValueType)),
            TypeProto.ValueOneofCase.OpaqueType => new OpaqueType(
                message.OpaqueType.HasDomain ? message.OpaqueType.Domain : null,
                message.OpaqueType.HasName ? message.OpaqueType.Name : null),
            _ => null,
        };
        return type is not null && message!.HasDenotation ? type with { Denotation = message.Denotation } : type;
    }

    /// <summary>Refuses shapes and tensors that nothing computes with.</summary>
    /// <exception cref="ModelFormatException">There are too many dimensions.</exception>
    public static void CheckRank(int rank)
    {
        if (rank > MostDimensions)
            throw new ModelFormatException(FormattableString.Invariant($"A shape has {rank} dimensions."));
    }

    private static ElementType Element(int number)
    {
        var type = (ElementType)number;
        return type == ElementType.Undefined || type.IsKnown() ? type : throw new ModelFormatException($"There is no element type {number}.");
    }

    private static Shape? Decode(TensorShapeProto? message)
    {
        if (message is null)
            return null;
        CheckRank(message.Dim.Count);
        return new Shape(message.Dim.Select(Decode));
    }

    /// <summary>Exporters write −1 and empty names for what they do not know.</summary>
    private static Dimension Decode(TensorShapeProto.Types.Dimension message) => message.ValueCase switch
    {
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue when message.DimValue >= 0 => Dimension.Of(message.DimValue),
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam when message.DimParam.Length > 0 => Dimension.OfSymbol(message.DimParam),
        _ => Dimension.Unknown(),
    };
}
