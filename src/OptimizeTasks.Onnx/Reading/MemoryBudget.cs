using Google.Protobuf;

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

    /// <summary>From so many bytes on the length of a text counts, and as often as it is there while it is read.</summary>
    private const int LongText = 1 << 20;
    private const int CopiesOfText = 7;

    private readonly long _limit = (4 * fileLength) + Base;
    private long _spent;

    /// <summary>Counts one message of this kind, without what it contains.</summary>
    /// <exception cref="ModelFormatException">The model takes more than it may.</exception>
    public void Spend(MessageKind kind) => Spend(kind.Cost);

    /// <summary>Counts what a message contains.</summary>
    /// <exception cref="ModelFormatException">As <see cref="Spend(MessageKind)"/>.</exception>
    public void SpendContent(MessageKind kind, ReadOnlySpan<byte> bytes)
    {
        for (int position = 0; position < bytes.Length;)
        {
            // Where the bytes are no message, generated code says so.
            if (!TryVarint(bytes, ref position, out ulong tag))
                return;
            switch ((WireFormat.WireType)(tag & 7))
            {
                case WireFormat.WireType.Varint when TryVarint(bytes, ref position, out _):
                    Spend(kind.NumberCost(tag >> 3));
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

    private void CountField(MessageKind kind, ulong number, ReadOnlySpan<byte> content)
    {
        if (kind.MessagesIn(number) is { } inner)
        {
            Spend(inner);
            SpendContent(inner, content);
        }
        else if (kind.NumberCost(number) is > 0 and int cost)
        {
            Spend((long)cost * CountNumbers(content));
        }
        else
        {
            if (kind.HasTextsIn(number))
                Spend(TextCost);
            if (content.Length >= LongText && !kind.IsBlob(number))
                Spend((long)CopiesOfText * content.Length);
        }
    }

    /// <summary>A number ends with its first byte below 128.</summary>
    private static int CountNumbers(ReadOnlySpan<byte> bytes)
    {
        int count = 0;
        foreach (byte next in bytes)
            count += next < 0x80 ? 1 : 0;
        return count;
    }

    private void Spend(long bytes)
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
}
