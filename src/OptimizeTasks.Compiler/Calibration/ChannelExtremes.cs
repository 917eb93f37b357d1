using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Calibration;

/// <summary>Between which numbers each channel of an activation lies on all samples. Numbers that are not finite are infinitely far.</summary>
/// <param name="value">The activation.</param>
/// <param name="axisFromEnd">The axis of the channels, 0 for the last.</param>
internal sealed class ChannelExtremes(Value value, int axisFromEnd)
{
    private float[] _least = [];
    private float[] _greatest = [];

    /// <summary>The least number of each channel, 0 or less; empty where there was no sample.</summary>
    public IReadOnlyList<float> Least => _least;

    /// <summary>The greatest number of each channel, 0 or more.</summary>
    public IReadOnlyList<float> Greatest => _greatest;

    /// <summary>Looks at the activation.</summary>
    public ActivationObserver Observer => new(value, TryAdd);

    private bool TryAdd(Tensor tensor)
    {
        if (tensor.ElementCount == 0)
            return true;
        int channels = (int)tensor.Dimensions[^(axisFromEnd + 1)];
        int inner = (int)tensor.Dimensions.Skip(tensor.Rank - axisFromEnd).Aggregate(1L, (a, b) => a * b);
        Add(tensor.Read<float>(), channels, inner);
        return true;
    }

    /// <summary>Looks at numbers of all channels, so many of each behind each other.</summary>
    public void Add(ReadOnlySpan<float> numbers, int channels, int inner = 1)
    {
        Array.Resize(ref _least, channels);
        Array.Resize(ref _greatest, channels);
        for (int first = 0, channel = 0; first < numbers.Length; first += inner, channel = channel + 1 == channels ? 0 : channel + 1)
        {
            foreach (float number in numbers.Slice(first, inner))
            {
                _least[channel] = Math.Min(_least[channel], float.IsNaN(number) ? float.NegativeInfinity : number);
                _greatest[channel] = Math.Max(_greatest[channel], float.IsNaN(number) ? float.PositiveInfinity : number);
            }
        }
    }
}
