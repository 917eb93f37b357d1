using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Folding;

/// <summary>Constants that broadcast along one axis: a number per channel, or one for all.</summary>
internal static class ChannelConstants
{
    private const long LargestBytes = 1 << 20;

    /// <summary>The elements of a small constant; null for anything else.</summary>
    public static double[]? Numbers(Value? value) => value?.Constant is not { ByteLength: <= LargestBytes } tensor ? null : tensor.ElementType switch
    {
        ElementType.Float => Array.ConvertAll(tensor.Read<float>().ToArray(), x => (double)x),
        ElementType.Double => tensor.Read<double>().ToArray(),
        ElementType.Float16 => Array.ConvertAll(tensor.Read<Half>().ToArray(), x => (double)x),
        _ => null,
    };

    /// <summary>
    /// The elements of a constant that, broadcast to a tensor of this rank, varies with the channel only and leaves the
    /// shape as it is; null for anything else.
    /// </summary>
    /// <param name="value">The constant.</param>
    /// <param name="channels">The number of channels.</param>
    /// <param name="axisFromEnd">The axis of the channels, 0 for the last.</param>
    /// <param name="rank">The rank of the tensor.</param>
    public static double[]? PerChannel(Value? value, long channels, int axisFromEnd, int rank)
    {
        if (value?.Constant is not { } tensor || tensor.Rank > rank)
            return null;
        for (int i = 0; i < tensor.Rank; i++)
        {
            long size = tensor.Dimensions[tensor.Rank - 1 - i];
            if (size != 1 && !(i == axisFromEnd && size == channels))
                return null;
        }

        return Numbers(value);
    }

    /// <summary>A tensor of these numbers, one-dimensional.</summary>
    public static Tensor ToTensor(ElementType type, double[] numbers) => type switch
    {
        ElementType.Float => Tensor.Create<float>(type, [numbers.Length], Array.ConvertAll(numbers, x => (float)x)),
        ElementType.Double => Tensor.Create<double>(type, [numbers.Length], numbers),
        ElementType.Float16 => Tensor.Create<Half>(type, [numbers.Length], Array.ConvertAll(numbers, x => (Half)x)),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no type that rules compute with"),
    };
}
