using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace OptimizeTasks.Robustness.Fuzzing;

/// <summary>A protobuf message as its fields stand in the file, so that it can be written wrongly.</summary>
internal sealed class WireMessage(MessageDescriptor descriptor)
{
    public MessageDescriptor Descriptor => descriptor;

    public List<WireItem> Items { get; } = [];

    /// <summary>How many messages stand inside each other.</summary>
    public int Depth => 1 + Items.Max(i => i.Message?.Depth) ?? 1;

    /// <summary>The fields of these bytes; null where they are no message.</summary>
    public static WireMessage? Parse(byte[] bytes, MessageDescriptor descriptor)
    {
        var message = new WireMessage(descriptor);
        for (int position = 0; position < bytes.Length;)
        {
            if (Varint(bytes, ref position) is not { } tag || tag >> 3 is 0 or > int.MaxValue)
                return null;
            var item = new WireItem((int)(tag >> 3), (int)(tag & 7));
            int length;
            switch ((WireFormat.WireType)item.Type)
            {
                case WireFormat.WireType.Varint:
                    int start = position;
                    if (Varint(bytes, ref position) is null)
                        return null;
                    item.Content = bytes[start..position];
                    break;
                case WireFormat.WireType.Fixed32:
                case WireFormat.WireType.Fixed64:
                    length = item.Type == (int)WireFormat.WireType.Fixed32 ? 4 : 8;
                    if (position + length > bytes.Length)
                        return null;
                    item.Content = bytes[position..(position += length)];
                    break;
                case WireFormat.WireType.LengthDelimited:
                    if (Varint(bytes, ref position) is not { } count || count > (ulong)(bytes.Length - position))
                        return null;
                    item.Content = bytes[position..(position += (int)count)];
                    if (descriptor.FindFieldByNumber(item.Number) is { FieldType: FieldType.Message } field)
                        item.Message = Parse(item.Content, field.MessageType);
                    break;
                default:
                    return null;
            }

            message.Items.Add(item);
        }

        return message;
    }

    /// <summary>Every field, those inside others too, with the message that it stands in.</summary>
    public IEnumerable<(WireMessage Parent, WireItem Item)> All()
    {
        foreach (WireItem item in Items)
        {
            yield return (this, item);
            foreach ((WireMessage, WireItem) inner in item.Message?.All() ?? [])
                yield return inner;
        }
    }

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        foreach (WireItem item in Items)
        {
            byte[] content = item.Message?.ToBytes() ?? item.Content;
            WriteVarint(stream, ((ulong)item.Number << 3) | (uint)item.Type);
            if (item.Type == (int)WireFormat.WireType.LengthDelimited)
                WriteVarint(stream, item.Length ?? (ulong)content.Length);
            stream.Write(content);
        }

        return stream.ToArray();
    }

    public WireMessage Clone()
    {
        var clone = new WireMessage(descriptor);
        clone.Items.AddRange(Items.Select(i => i.Clone()));
        return clone;
    }

    public static byte[] Varint(ulong value)
    {
        using var stream = new MemoryStream();
        WriteVarint(stream, value);
        return stream.ToArray();
    }

    private static void WriteVarint(Stream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            stream.WriteByte((byte)(value | 0x80));
        stream.WriteByte((byte)value);
    }

    private static ulong? Varint(byte[] bytes, ref int position)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70 && position < bytes.Length; shift += 7)
        {
            byte next = bytes[position++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }

        return null;
    }
}

/// <summary>A field: its number, its wire type, and its bytes or the message that they are.</summary>
internal sealed class WireItem(int number, int type)
{
    public int Number { get; set; } = number;

    public int Type { get; set; } = type;

    public byte[] Content { get; set; } = [];

    public WireMessage? Message { get; set; }

    /// <summary>The length that the file claims, where it is not the true one.</summary>
    public ulong? Length { get; set; }

    public WireItem Clone() => new(Number, Type) { Content = Content, Message = Message?.Clone(), Length = Length };
}
