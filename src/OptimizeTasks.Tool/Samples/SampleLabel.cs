using OptimizeTasks.Onnx;
using OptimizeTasks.Tool.Inputs;

namespace OptimizeTasks.Tool.Samples;

/// <summary>The labels of one sample: indices of classes.</summary>
internal static class SampleLabel
{
    /// <summary>Checks an array of labels against the number of samples beside it.</summary>
    /// <exception cref="InvalidDataException">It does not fit.</exception>
    public static void Check(NpyHeader labels, string name, long samples)
    {
        if (!IsIndex(labels.Type))
            throw new InvalidDataException($"The array '{name}' is {labels.Type}; labels are integers");
        if (labels.Shape is not [var count, ..] || count % samples != 0 || count == 0)
            throw new InvalidDataException($"The array '{name}' of the shape [{string.Join(", ", labels.Shape)}] has no label for each of {samples} samples");
    }

    /// <summary>The labels as 64-bit integers.</summary>
    public static Tensor Of(Tensor labels) => Tensor.Create<long>(ElementType.Int64, labels.Dimensions.AsSpan(), labels.ElementType switch
    {
        ElementType.Int64 => labels.Read<long>().ToArray(),
        ElementType.Int32 => Widen(labels.Read<int>()),
        ElementType.Int16 => Widen(labels.Read<short>()),
        ElementType.Int8 => Widen(labels.Read<sbyte>()),
        ElementType.UInt64 => Widen(labels.Read<ulong>()),
        ElementType.UInt32 => Widen(labels.Read<uint>()),
        ElementType.UInt16 => Widen(labels.Read<ushort>()),
        _ => Widen(labels.Read<byte>()),
    });

    /// <summary>Whether labels can be of this type.</summary>
    public static bool IsIndex(ElementType type) => type is ElementType.Int64 or ElementType.Int32 or ElementType.Int16 or ElementType.Int8
        or ElementType.UInt64 or ElementType.UInt32 or ElementType.UInt16 or ElementType.UInt8;

    private static long[] Widen<T>(ReadOnlySpan<T> labels)
        where T : System.Numerics.IBinaryInteger<T>
    {
        var wide = new long[labels.Length];
        for (int i = 0; i < wide.Length; i++)
            wide[i] = long.CreateSaturating(labels[i]);
        return wide;
    }
}
