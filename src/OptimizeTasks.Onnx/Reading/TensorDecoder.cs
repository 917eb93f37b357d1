using System.Buffers.Binary;
using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Onnx.Writing;

namespace OptimizeTasks.Onnx.Reading;

/// <summary>Makes tensors of messages. The elements stay where they are.</summary>
internal sealed class TensorDecoder(ByteSource source, IReadOnlyDictionary<TensorProto, WeightRange> weights, ExternalFiles external)
{
    /// <summary>The tensor; what the message says beyond it stays in the message, which is taken over.</summary>
    public Tensor Decode(TensorProto message)
    {
        var type = (ElementType)message.DataType;
        if (!type.IsKnown())
            throw new ModelFormatException($"The tensor '{message.Name}' has the unknown element type {message.DataType}.");
        try
        {
            TypeDecoder.CheckRank(message.Dims.Count);
            (TensorData data, TensorField field) = Elements(message, type);
            var tensor = new Tensor(type, [.. message.Dims], data)
            {
                DocString = message.HasDocString ? message.DocString : null,
                Metadata = Messages.Entries(message.MetadataProps),
                Field = field,
            };
            ClearElements(message);
            message.ClearName();
            if (!Messages.AreSame(message, Messages.Head(tensor)))
                tensor.Original = message;
            return tensor;
        }
        catch (ModelFormatException e) when (e.Fault == ModelFault.InvalidGraph && message.Name.Length > 0 && !e.Message.Contains('\'', StringComparison.Ordinal))
        {
            throw new ModelFormatException($"The tensor '{message.Name}' is invalid. {e.Message}", e);
        }
    }

    /// <summary>The sparse tensor.</summary>
    public SparseTensor Decode(SparseTensorProto message)
    {
        if (message.Values is null || message.Indices is null)
            throw new ModelFormatException("A sparse tensor has no values or no indices.");
        TypeDecoder.CheckRank(message.Dims.Count);
        Tensor.CountElements([.. message.Dims]);
        string? valuesName = message.Values.HasName ? message.Values.Name : null;
        string? indicesName = message.Indices.HasName ? message.Indices.Name : null;
        return new SparseTensor(Decode(message.Values), Decode(message.Indices), [.. message.Dims])
        {
            ValuesName = valuesName,
            IndicesName = indicesName,
        };
    }

    private (TensorData Data, TensorField Field) Elements(TensorProto message, ElementType type)
    {
        if (message.DataLocation == TensorProto.Types.DataLocation.External)
        {
            if (type == ElementType.String)
                throw new ModelFormatException("Its elements are texts, which cannot be external data.");
            long length = Tensor.CountBytes(type, [.. message.Dims]);
            return (length == 0 ? new MemoryData(default) : external.Find(message.Name, message.ExternalData, length), TensorField.Raw);
        }

        bool isRange = weights.TryGetValue(message, out WeightRange range);
        TensorField[] fields = [.. Stored(message)];
        if (fields.Length + (isRange ? 1 : 0) > 1)
            throw new ModelFormatException("Its elements are stored more than once.");
        if (isRange)
            return (source.Range(range.Offset, range.Length), Checked((TensorField)range.Field, type));
        if (fields.Length == 0)
            return (type == ElementType.String ? new StringData([]) : new MemoryData(default), TensorField.None);
        TensorField field = Checked(fields[0], type);
        return (Decoded(message, field, type), field);
    }

    private static IEnumerable<TensorField> Stored(TensorProto message)
    {
        if (message.HasRawData)
            yield return TensorField.Raw;
        if (message.FloatData.Count > 0)
            yield return TensorField.Float;
        if (message.Int32Data.Count > 0)
            yield return TensorField.Int32;
        if (message.StringData.Count > 0)
            yield return TensorField.Strings;
        if (message.Int64Data.Count > 0)
            yield return TensorField.Int64;
        if (message.DoubleData.Count > 0)
            yield return TensorField.Double;
        if (message.Uint64Data.Count > 0)
            yield return TensorField.UInt64;
    }

    private static TensorField Checked(TensorField field, ElementType type)
    {
        bool fits = field switch
        {
            TensorField.Raw => type != ElementType.String,
            TensorField.Float => type is ElementType.Float or ElementType.Complex64,
            TensorField.Double => type is ElementType.Double or ElementType.Complex128,
            TensorField.Int64 => type == ElementType.Int64,
            TensorField.UInt64 => type is ElementType.UInt64 or ElementType.UInt32,
            TensorField.Strings => type == ElementType.String,
            _ => type == ElementType.Int32 || (type is not (ElementType.String or ElementType.Float) && type.BitWidth() <= 16),
        };
        return fits ? field : throw new ModelFormatException($"Its {type} elements are stored in the field {(int)field}, which cannot hold them.");
    }

    private static TensorData Decoded(TensorProto message, TensorField field, ElementType type) => field switch
    {
        TensorField.Raw => new MemoryData(message.RawData.Memory),
        TensorField.Strings => new StringData([.. message.StringData.Select(s => s.Memory)]),
        TensorField.Float => Packed(message.FloatData, sizeof(float), BinaryPrimitives.WriteSingleLittleEndian),
        TensorField.Double => Packed(message.DoubleData, sizeof(double), BinaryPrimitives.WriteDoubleLittleEndian),
        TensorField.Int64 => Packed(message.Int64Data, sizeof(long), BinaryPrimitives.WriteInt64LittleEndian),
        TensorField.UInt64 when type == ElementType.UInt32 => Packed(message.Uint64Data, sizeof(uint), (to, value) => BinaryPrimitives.WriteUInt32LittleEndian(to, (uint)value)),
        TensorField.UInt64 => Packed(message.Uint64Data, sizeof(ulong), BinaryPrimitives.WriteUInt64LittleEndian),
        _ when type.BitWidth() == 32 => Packed(message.Int32Data, sizeof(int), BinaryPrimitives.WriteInt32LittleEndian),
        _ when type.BitWidth() == 16 => Packed(message.Int32Data, sizeof(short), (to, value) => BinaryPrimitives.WriteInt16LittleEndian(to, (short)value)),
        // Types of less than a byte are packed: every number is a byte of several elements.
        _ => Packed(message.Int32Data, 1, (to, value) => to[0] = (byte)value),
    };

    private delegate void Put<T>(Span<byte> destination, T value);

    private static MemoryData Packed<T>(IList<T> values, int size, Put<T> put)
    {
        if ((long)values.Count * size > Array.MaxLength)
            throw new ModelFormatException("It has too many elements for a list of numbers.");
        var bytes = new byte[values.Count * size];
        for (int i = 0; i < values.Count; i++)
            put(bytes.AsSpan(i * size), values[i]);
        return new MemoryData(bytes);
    }

    private static void ClearElements(TensorProto message)
    {
        message.ClearRawData();
        message.FloatData.Clear();
        message.Int32Data.Clear();
        message.StringData.Clear();
        message.Int64Data.Clear();
        message.DoubleData.Clear();
        message.Uint64Data.Clear();
        if (message.DataLocation != TensorProto.Types.DataLocation.External)
            return;
        message.ExternalData.Clear();
        message.ClearDataLocation();
    }
}
