using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>The places of outputs that belong to padding: what a model computes there is nobody's business.</summary>
/// <param name="Lengths">How many tokens each row of the batch has; what stands behind them is padding.</param>
/// <param name="Axes">The axis of the tokens, for each output that has one behind the batch.</param>
internal sealed record PaddedPlaces(int[] Lengths, IReadOnlyDictionary<string, int> Axes)
{
    /// <summary>Whether there is nothing to clear.</summary>
    public bool IsEmpty { get; private init; }

    /// <summary>Those that a right-padded mask says.</summary>
    public static PaddedPlaces Of(Tensor mask, IReadOnlyDictionary<string, int> axes)
    {
        int[] lengths = LengthsOf(mask);
        return new PaddedPlaces(lengths, axes) { IsEmpty = lengths.All(length => length == mask.Dimensions[1]) };
    }

    /// <summary>The ones that each row begins with.</summary>
    public static int[] LengthsOf(Tensor mask)
    {
        ReadOnlySpan<byte> bytes = mask.Data.ReadAll().Span;
        int size = (int)mask.ElementType.ByteLength(1), row = (int)mask.Dimensions[1];
        var lengths = new int[mask.Dimensions[0]];
        for (int i = 0; i < lengths.Length; i++)
        {
            // The first element that is 0 has no bit set, whatever its type.
            while (lengths[i] < row && bytes.Slice(((i * row) + lengths[i]) * size, size).ContainsAnyExcept((byte)0))
                lengths[i]++;
        }

        return lengths;
    }

    /// <summary>An output with zeros at these places.</summary>
    public Tensor Clear(string output, Tensor tensor)
    {
        if (!Axes.TryGetValue(output, out int axis) || tensor.ElementType == ElementType.String || tensor.Rank <= axis || tensor.Dimensions[0] != Lengths.Length)
            return tensor;
        byte[] bytes = tensor.Data.ReadAll().ToArray();
        int tokens = (int)tensor.Dimensions[axis];
        int blocks = (int)tensor.Dimensions.Take(axis).Aggregate(1L, (a, b) => a * b);
        for (int block = 0; block < blocks; block++)
        {
            int used = Math.Min(tokens, Lengths[block / (blocks / Lengths.Length)]);
            int length = bytes.Length / blocks;
            bytes.AsSpan((block * length) + (used * (length / tokens)), (tokens - used) * (length / tokens)).Clear();
        }

        return new Tensor(tensor.ElementType, tensor.Dimensions.AsSpan(), new MemoryData(bytes));
    }
}
