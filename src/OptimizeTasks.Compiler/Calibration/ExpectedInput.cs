using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Calibration;

/// <summary>
/// What a product with constant weights takes on average: a number for each element that an output channel sums. An element
/// of a convolution's window stands in the padding at some positions, where it takes 0. Sums are in double precision and in
/// the order of the samples.
/// </summary>
/// <param name="node">A Conv, MatMul or Gemm.</param>
internal sealed class ExpectedInput(Node node)
{
    private readonly ImmutableArray<long> _kernel = node.Is("Conv") ? node.Inputs[1]!.Constant!.Dimensions[2..] : [];
    private double[] _sums = [];
    private long _positions;
    private long[] _inside = [];
    private long _windows;

    /// <summary>The product.</summary>
    public Node Node => node;

    /// <summary>Looks at the activations.</summary>
    public ActivationObserver Observer => new(node.Inputs[0]!, TryAdd);

    /// <summary>The mean of each element, of a convolution channel by channel; null where no sample had any.</summary>
    public double[]? Means => _positions == 0 || _windows == 0 ? null
        : [.. _sums.SelectMany(sum => _inside.Select(inside => sum / _positions * ((double)inside / _windows)))];

    private bool TryAdd(Tensor tensor)
    {
        if (tensor.ElementCount == 0)
            return true;
        bool isConv = node.Is("Conv");
        int channels = (int)tensor.Dimensions[isConv ? 1 : ^1];
        long inner = isConv ? tensor.ElementCount / tensor.Dimensions[0] / channels : 1;
        Array.Resize(ref _sums, channels);
        AddSums(tensor.Read<float>(), (int)inner);
        _positions += tensor.ElementCount / channels;
        AddWindows(tensor);
        return Array.TrueForAll(_sums, double.IsFinite);
    }

    private void AddSums(ReadOnlySpan<float> numbers, int inner)
    {
        int channel = 0;
        for (int first = 0; first < numbers.Length; first += inner)
        {
            double sum = 0;
            foreach (float number in numbers.Slice(first, inner))
                sum += number;
            _sums[channel] += sum;
            channel = channel + 1 == _sums.Length ? 0 : channel + 1;
        }
    }

    /// <summary>Counts the windows, and those in which each of their elements stands inside the picture.</summary>
    private void AddWindows(Tensor tensor)
    {
        long[] inside = [1];
        long windows = 1;
        for (int axis = 0; axis < _kernel.Length; axis++)
        {
            (long[] ofAxis, long count) = Windows(axis, tensor.Dimensions[axis + 2]);
            inside = [.. inside.SelectMany(outer => ofAxis.Select(own => outer * own))];
            windows *= count;
        }

        Array.Resize(ref _inside, inside.Length);
        long pictures = _kernel.IsEmpty ? 1 : tensor.Dimensions[0];
        for (int i = 0; i < inside.Length; i++)
            _inside[i] += pictures * inside[i];
        _windows += pictures * windows;
    }

    private (long[] Inside, long Count) Windows(int axis, long size)
    {
        var inside = new long[_kernel[axis]];
        // Without explicit pads each element is taken to stand inside everywhere.
        if (node.StringAttribute("auto_pad", "NOTSET") != "NOTSET" || node.IntsAttribute("pads") is not { } pads)
        {
            Array.Fill(inside, 1);
            return (inside, 1);
        }

        long stride = At(node.IntsAttribute("strides"), axis), dilation = At(node.IntsAttribute("dilations"), axis);
        long count = ((size + pads[axis] + pads[axis + _kernel.Length] - (dilation * (_kernel[axis] - 1)) - 1) / stride) + 1;
        for (int i = 0; i < inside.Length; i++)
        {
            for (long window = 0; window < count; window++)
                inside[i] += (window * stride) + (i * dilation) - pads[axis] is var place && place >= 0 && place < size ? 1 : 0;
        }

        return (inside, count);

        static long At(ImmutableArray<long>? numbers, int index) => numbers is { } given ? given[index] : 1;
    }
}
