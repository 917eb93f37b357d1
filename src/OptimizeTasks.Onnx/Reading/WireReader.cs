using Google.Protobuf;

namespace OptimizeTasks.Onnx.Reading;

/// <summary>One field of a message in the file: its tag begins at <paramref name="Start"/>, its content is [<paramref name="Content"/>, <paramref name="End"/>).</summary>
internal readonly record struct WireField(int Number, WireFormat.WireType Type, long Start, long Content, long End)
{
    public long Length => End - Content;
}

/// <summary>Reads protobuf's wire format through a small window, so that what is skipped is not read.</summary>
internal sealed class WireReader(ByteSource source)
{
    /// <summary>No part of a model but weights is larger; bounds what a hostile file makes us allocate.</summary>
    public const int LargestPart = 256 << 20;

    private const int WindowSize = 64 << 10;
    private const int LongestVarint = 10;

    private readonly byte[] _window = new byte[WindowSize];
    private long _start;
    private int _count;

    public long Length => source.Length;

    /// <summary>The bytes; valid until the next call.</summary>
    public ReadOnlySpan<byte> Bytes(long start, long end)
    {
        long length = end - start;
        if (length > WindowSize)
            return Large(start, length);
        if (start < _start || end > _start + _count)
        {
            _count = 0;
            int count = (int)Math.Min(WindowSize, source.Length - start);
            source.Read(start, _window.AsSpan(0, count));
            (_start, _count) = (start, count);
        }

        return _window.AsSpan((int)(start - _start), (int)length);
    }

    /// <summary>The field at <paramref name="position"/> of a message that ends at <paramref name="end"/>.</summary>
    public WireField Field(long position, long end)
    {
        long start = position;
        ulong tag = Varint(ref position, end);
        int number = (int)(tag >> 3);
        if (tag > uint.MaxValue || number == 0)
            throw Malformed(start);

        var type = (WireFormat.WireType)(tag & 7);
        long content = position;
        switch (type)
        {
            case WireFormat.WireType.Varint:
                Varint(ref position, end);
                break;
            case WireFormat.WireType.Fixed64:
                position += sizeof(ulong);
                break;
            case WireFormat.WireType.Fixed32:
                position += sizeof(uint);
                break;
            case WireFormat.WireType.LengthDelimited:
                ulong length = Varint(ref position, end);
                content = position;
                if (length > (ulong)(end - position))
                    throw BeyondEnd(start, end);
                position += (long)length;
                break;
            default:
                throw Malformed(start);
        }

        return position <= end ? new WireField(number, type, start, content, position) : throw BeyondEnd(start, end);
    }

    private byte[] Large(long start, long length)
    {
        if (length > LargestPart)
            throw new ModelFormatException($"A part of the model, {length} bytes at byte {start}, is larger than {LargestPart} bytes.");
        var bytes = new byte[length];
        source.Read(start, bytes);
        return bytes;
    }

    private ulong Varint(ref long position, long end)
    {
        ReadOnlySpan<byte> bytes = Bytes(position, Math.Min(end, position + LongestVarint));
        ulong value = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            value |= (ulong)(bytes[i] & 0x7f) << (7 * i);
            if (bytes[i] < 0x80)
            {
                position += i + 1;
                return value;
            }
        }

        throw bytes.Length < LongestVarint ? BeyondEnd(position, end) : Malformed(position);
    }

    private ModelFormatException BeyondEnd(long position, long end) => end == source.Length
        ? new(ModelFault.Truncated, $"The file is cut off: the field at byte {position} goes beyond the end at {end}.")
        : new(ModelFault.NotAModel, $"The field at byte {position} goes beyond the end of its message at {end}.");

    private static ModelFormatException Malformed(long position) => new(ModelFault.NotAModel, $"There is no valid protobuf field at byte {position}.");
}
