using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Samples;

/// <summary>A tensor in JSON: nested arrays, or a single value.</summary>
internal sealed class JsonTensor
{
    private readonly ElementType _type;
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<ReadOnlyMemory<byte>> _texts = [];

    /// <summary>The sizes of the nested arrays; −1 while one is not known.</summary>
    private readonly List<long> _sizes = [];
    private int? _rank;

    private JsonTensor(ElementType type) => _type = type;

    /// <summary>The shape, as the arrays are nested.</summary>
    public long[] Shape => [.. _sizes];

    /// <summary>Reads the value that the reader stands on.</summary>
    /// <exception cref="InvalidDataException">The arrays are not of equal lengths, or a value is not of this type.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static JsonTensor Read(ElementType type, ref Utf8JsonReader reader)
    {
        var tensor = new JsonTensor(type);
        tensor.ReadValue(ref reader, 0);
        return tensor;
    }

    /// <summary>The tensor with this shape, which has as many elements.</summary>
    public Tensor ToTensor(long[] shape) =>
        new(_type, shape, _type == ElementType.String ? new StringData(_texts) : new MemoryData(_bytes.WrittenMemory));

    private void ReadValue(ref Utf8JsonReader reader, int depth)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            if ((_rank ??= depth) != depth || _sizes.Count > depth)
                throw new InvalidDataException("Numbers and arrays stand side by side");
            Append(ref reader);
            return;
        }

        if (_rank <= depth)
            throw new InvalidDataException("Numbers and arrays stand side by side");
        if (_sizes.Count == depth)
            _sizes.Add(-1);
        long count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            ReadValue(ref reader, depth + 1);
            count++;
        }

        if (_sizes[depth] >= 0 && _sizes[depth] != count)
            throw new InvalidDataException($"Arrays side by side have {_sizes[depth]} and {count} elements");
        _sizes[depth] = count;
    }

    private void Append(ref Utf8JsonReader reader)
    {
        try
        {
            switch (_type)
            {
                case ElementType.String when reader.TokenType == JsonTokenType.String:
                    _texts.Add(Encoding.UTF8.GetBytes(reader.GetString()!));
                    break;
                case ElementType.Bool when reader.TokenType is JsonTokenType.True or JsonTokenType.False:
                    Append(reader.GetBoolean());
                    break;
                case ElementType.Bool when reader.TokenType == JsonTokenType.Number && reader.TryGetByte(out byte truth) && truth <= 1:
                    Append(truth);
                    break;
                case not ElementType.Bool and not ElementType.String when reader.TokenType == JsonTokenType.Number:
                    AppendNumber(ref reader);
                    break;
                default:
                    throw Wrong(ref reader);
            }
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw Wrong(ref reader);
        }
    }

    private void AppendNumber(ref Utf8JsonReader reader)
    {
        switch (_type)
        {
            case ElementType.Float:
                Append(Finite(reader.GetSingle()));
                break;
            case ElementType.Double:
                Append(Finite(reader.GetDouble()));
                break;
            case ElementType.Float16:
                Append(Finite((Half)reader.GetDouble()));
                break;
            case ElementType.UInt64:
                Append(reader.GetUInt64());
                break;
            case ElementType.Int64:
                Append(reader.GetInt64());
                break;
            case ElementType.Int32:
                Append(reader.GetInt32());
                break;
            case ElementType.UInt32:
                Append(reader.GetUInt32());
                break;
            case ElementType.Int16:
                Append(reader.GetInt16());
                break;
            case ElementType.UInt16:
                Append(reader.GetUInt16());
                break;
            case ElementType.Int8:
                Append(reader.GetSByte());
                break;
            case ElementType.UInt8:
                Append(reader.GetByte());
                break;
            default:
                throw new InvalidDataException($"JSON has no numbers of the type {_type}");
        }
    }

    private static T Finite<T>(T number)
        where T : System.Numerics.INumberBase<T> => T.IsFinite(number) ? number : throw new OverflowException();

    private void Append<T>(T element)
        where T : unmanaged => _bytes.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in element)));

    private InvalidDataException Wrong(ref Utf8JsonReader reader) => new(
        reader.TokenType is JsonTokenType.Number or JsonTokenType.String or JsonTokenType.True or JsonTokenType.False && reader.ValueSpan.Length <= 40
            ? $"'{Encoding.UTF8.GetString(reader.ValueSpan)}' is no {_type}"
            : $"There is a {reader.TokenType} where a {_type} should be");
}
