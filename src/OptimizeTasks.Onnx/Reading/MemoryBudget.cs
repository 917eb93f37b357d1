using System.Collections.Immutable;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using OptimizeTasks.Onnx.Protobuf;

namespace OptimizeTasks.Onnx.Reading;

/// <summary>
/// Counts what the parts of a model will take in memory before they are made: a part of two bytes in the file can be a
/// thousand in memory. No model in use comes near the limit.
/// </summary>
/// <param name="fileLength">Large files may take more.</param>
internal sealed class MemoryBudget(long fileLength)
{
    /// <summary>What a file may take beyond four times its length.</summary>
    private const long Base = 150_000_000;

    /// <summary>A text in a list, whatever its length.</summary>
    private const int TextCost = 100;

    /// <summary>What becomes of some messages beyond themselves: nodes, values, tensors, graphs.</summary>
    private static readonly Dictionary<MessageDescriptor, int> s_objects = new()
    {
        [NodeProto.Descriptor] = 250,
        [AttributeProto.Descriptor] = 150,
        [TensorProto.Descriptor] = 500,
        [GraphProto.Descriptor] = 6000,
        [FunctionProto.Descriptor] = 1200,
        [ValueInfoProto.Descriptor] = 150,
        [StringStringEntryProto.Descriptor] = 150,
        [TensorAnnotation.Descriptor] = 150,
    };

    private static readonly ImmutableDictionary<MessageDescriptor, Kind> s_kinds = Kinds();

    private readonly long _limit = (4 * fileLength) + Base;
    private long _spent;

    /// <summary>Counts one message of this kind, without what it contains.</summary>
    /// <exception cref="ModelFormatException">The model takes more than it may.</exception>
    public void Spend(MessageDescriptor descriptor) => Spend(s_kinds[descriptor].Cost);

    /// <summary>Counts what a message contains.</summary>
    /// <exception cref="ModelFormatException">As <see cref="Spend(MessageDescriptor)"/>.</exception>
    public void SpendContent(MessageDescriptor descriptor, ReadOnlySpan<byte> bytes) => Count(s_kinds[descriptor], bytes);

    private void Count(Kind kind, ReadOnlySpan<byte> bytes)
    {
        for (int position = 0; position < bytes.Length;)
        {
            // Where the bytes are no message, generated code says so.
            if (!TryVarint(bytes, ref position, out ulong tag))
                return;
            switch ((WireFormat.WireType)(tag & 7))
            {
                case WireFormat.WireType.Varint when TryVarint(bytes, ref position, out _):
                    break;
                case WireFormat.WireType.Fixed32:
                    position += sizeof(uint);
                    break;
                case WireFormat.WireType.Fixed64:
                    position += sizeof(ulong);
                    break;
                case WireFormat.WireType.LengthDelimited when TryVarint(bytes, ref position, out ulong length) && length <= (ulong)(bytes.Length - position):
                    CountField(kind, tag >> 3, bytes.Slice(position, (int)length));
                    position += (int)length;
                    break;
                default:
                    return;
            }
        }
    }

    private void CountField(Kind kind, ulong number, ReadOnlySpan<byte> content)
    {
        if (number >= (ulong)kind.Fields.Length)
            return;
        if (kind.Fields[number] is { } inner)
        {
            Spend(inner.Cost);
            Count(inner, content);
        }
        else if (kind.IsTexts[number])
        {
            Spend(TextCost);
        }
    }

    private void Spend(int bytes)
    {
        _spent += bytes;
        if (_spent > _limit)
            throw new ModelFormatException($"The file of {fileLength} bytes has so many parts that they would take more than {_limit} bytes of memory.");
    }

    private static bool TryVarint(ReadOnlySpan<byte> bytes, ref int position, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 64 && position < bytes.Length; shift += 7)
        {
            byte next = bytes[position++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return true;
        }

        return false;
    }

    private static ImmutableDictionary<MessageDescriptor, Kind> Kinds()
    {
        MessageDescriptor[] descriptors = [.. OnnxReflection.Descriptor.MessageTypes.SelectMany(WithNested)];
        var kinds = descriptors.ToImmutableDictionary(d => d, d => new Kind(CostOf(d), d.Fields.InDeclarationOrder().Max(f => f.FieldNumber) + 1));
        foreach ((MessageDescriptor descriptor, Kind kind) in kinds)
        {
            foreach (FieldDescriptor field in descriptor.Fields.InDeclarationOrder())
            {
                kind.Fields[field.FieldNumber] = field.FieldType == FieldType.Message ? kinds[field.MessageType] : null;
                kind.IsTexts[field.FieldNumber] = field.IsRepeated && field.FieldType is FieldType.String or FieldType.Bytes;
            }
        }

        return kinds;
    }

    private static IEnumerable<MessageDescriptor> WithNested(MessageDescriptor descriptor) => descriptor.NestedTypes.SelectMany(WithNested).Prepend(descriptor);

    /// <summary>An object with a reference or a number for each field, and an empty list for each repeated one.</summary>
    private static int CostOf(MessageDescriptor descriptor) =>
        48 + descriptor.Fields.InDeclarationOrder().Sum(f => f.IsRepeated ? 40 : 8) + s_objects.GetValueOrDefault(descriptor);

    private sealed class Kind(int cost, int numbers)
    {
        public int Cost => cost;

        public Kind?[] Fields { get; } = new Kind?[numbers];

        public bool[] IsTexts { get; } = new bool[numbers];
    }
}
