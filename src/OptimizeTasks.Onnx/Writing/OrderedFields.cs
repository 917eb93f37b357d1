using Google.Protobuf;

namespace OptimizeTasks.Onnx.Writing;

/// <summary>The fields of a message in the order of their numbers, handed out piece by piece, so that other fields can be put between.</summary>
internal sealed class OrderedFields(IMessage message)
{
    private readonly byte[] _bytes = message.ToByteArray();
    private int _position;

    /// <summary>The next fields whose number is less than <paramref name="number"/>.</summary>
    public ReadOnlySpan<byte> Before(int number)
    {
        int start = _position;
        using var input = new CodedInputStream(_bytes, start, _bytes.Length - start);
        for (uint tag = input.ReadTag(); tag != 0 && WireFormat.GetTagFieldNumber(tag) < number; tag = input.ReadTag())
        {
            input.SkipLastField();
            _position = (int)input.Position;
        }

        return _bytes.AsSpan(start, _position - start);
    }

    /// <summary>All other fields.</summary>
    public ReadOnlySpan<byte> Rest()
    {
        int start = _position;
        _position = _bytes.Length;
        return _bytes.AsSpan(start);
    }
}
