using OptimizeTasks.Compiler.Planning;
using OptimizeTasks.Compiler.Quantization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Quantization;

/// <summary>
/// Weights of a product in signed 8 bits with a scale for each channel, or one for all, stored as they were, and the bias in
/// 32 bits.
/// </summary>
/// <param name="Codes">The weights.</param>
/// <param name="Scales">A scale for each channel, or a scalar.</param>
/// <param name="ZeroPoints">As many zeros.</param>
/// <param name="Axis">The axis of the channels.</param>
/// <param name="Bias">The bias in units of the input's scale times the channel's; null where there is none.</param>
/// <param name="BiasScales">These units.</param>
/// <param name="Shift">What is subtracted from each channel because rounding adds it; part of <paramref name="Bias"/>. Null where nothing is corrected.</param>
internal sealed record StaticWeights(Value Codes, Value Scales, Value ZeroPoints, int Axis, Value? Bias, Tensor BiasScales, double[]? Shift)
{
    /// <summary>A bias keeps so much below the range of its integers, for the sum that it is added to.</summary>
    private const double GreatestBias = 1 << 30;

    /// <summary>Quantises the weights of a Conv, MatMul or Gemm.</summary>
    /// <param name="node">The node.</param>
    /// <param name="inputScale">The scale of its activations.</param>
    /// <param name="weights">Makes the initializers.</param>
    /// <param name="inputChannels">To how many input channels those of a convolution are filled up with zeros; 0 for as many as there are.</param>
    public static StaticWeights Of(Node node, float inputScale, QuantizedWeights weights, long inputChannels = 0)
    {
        Value weight = node.Inputs[1]!;
        Graph graph = weight.Graph;
        (Tensor stored, bool isInnerSummed) = StaticOperators.WeightsOf(node);
        WeightMatrix matrix = weights.Matrix(weight, stored, node);
        double[]? bias = StaticOperators.BiasOf(node);
        float[] peaks = matrix.ReadPeaks(isInnerSummed), scales = Choose(peaks, bias, inputScale);
        bool isPerChannel = weights.HasScalePerChannel(node);
        if (!isPerChannel)
            Array.Fill(scales, Choose([peaks.Max()], bias is null ? null : [bias.Max(Math.Abs)], inputScale)[0]);
        double[]? shift = weights.ShiftOf(node, matrix, isInnerSummed, scales);
        if (shift is not null)
            bias = [.. shift.Select((s, i) => (bias?[i] ?? 0) - s)];

        long[] sizes = [.. weight.Constant!.Dimensions];
        if (inputChannels > 0)
        {
            matrix = weights.Matrix(weight, WithInputChannels(weight.Constant, inputChannels), node);
            sizes[1] = inputChannels;
        }

        ComputedData codes = weights.Codes(matrix, isInnerSummed, new GivenScales(scales));
        Tensor stepSizes = PerChannel(scales, isPerChannel);
        string name = weight.Name;
        return new StaticWeights(
            weights.Value(weight, "_int8", ElementType.Int8, codes, sizes),
            graph.AddInitializer(name + "_int8_scales", stepSizes),
            graph.AddInitializer(name + "_int8_zero_points", new Tensor(ElementType.Int8, stepSizes.Dimensions.AsSpan(), new MemoryData(new byte[stepSizes.ElementCount]))),
            node.Is("Conv") || isInnerSummed ? 0 : 1,
            bias is null ? null : graph.AddInitializer(node.Output.Name + "_bias_int32", Tensor.Create<int>(ElementType.Int32, [bias.Length], [.. bias.Select((b, i) => (int)Math.Round(b / ((double)scales[i] * inputScale)))])),
            PerChannel(Array.ConvertAll(scales, scale => scale * inputScale), isPerChannel),
            shift);
    }

    /// <summary>Scales with which the greatest weight has the greatest code, and the bias fits: one beside weights of nearly nothing decides.</summary>
    private static float[] Choose(float[] peaks, double[]? bias, float inputScale)
    {
        var scales = new float[peaks.Length];
        for (int i = 0; i < scales.Length; i++)
        {
            double scale = Math.Max(peaks[i] / ChannelScale.GreatestCode, Math.Abs(bias?[i] ?? 0) / (GreatestBias * inputScale));
            // Their product with the input's scale is divided by as well.
            scales[i] = scale * Math.Min(1, inputScale) >= ScaleLimits.SmallestNormal ? (float)scale : 1;
        }

        return scales;
    }

    private static Tensor PerChannel(float[] numbers, bool isPerChannel) =>
        isPerChannel ? Tensor.Create<float>(ElementType.Float, [numbers.Length], numbers) : Tensor.OfFloat(numbers[0]);

    /// <summary>The weights of a convolution as a row for each output channel, behind whose input channels others of zeros stand.</summary>
    private static Tensor WithInputChannels(Tensor weight, long channels)
    {
        long outputs = weight.Dimensions[0];
        int length = (int)(weight.ByteLength / outputs), filled = (int)(length / weight.Dimensions[1] * channels);
        var bytes = new byte[outputs * filled];
        for (int i = 0; i < outputs; i++)
            weight.Data.Read((long)i * length, bytes.AsSpan(i * filled, length));
        return new Tensor(weight.ElementType, [outputs, filled / sizeof(float)], new MemoryData(bytes));
    }
}
