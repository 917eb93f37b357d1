namespace OptimizeTasks.Compiler.Quantization;

/// <summary>
/// What rounding weights does to a product on average: Σ (Ŵ − W) · E[x] for each channel. Read once, a row at a time, and
/// summed in the order of the rows.
/// </summary>
internal static class RoundingShift
{
    /// <summary>The mean error of each channel.</summary>
    /// <param name="matrix">The weights.</param>
    /// <param name="byRow">Whether a channel is a row.</param>
    /// <param name="scales">The scale of each channel.</param>
    /// <param name="inputs">The mean of each element that a channel sums; of a convolution in groups, those of all groups behind each other.</param>
    public static double[] Of(WeightMatrix matrix, bool byRow, ChannelScale[] scales, double[] inputs)
    {
        var shift = new double[scales.Length];
        var row = new float[matrix.Inner];
        long channelsOfGroup = byRow ? Math.Max(1, matrix.Outer * matrix.Inner / inputs.Length) : 0;
        for (int outer = 0; outer < matrix.Outer; outer++)
        {
            matrix.Read(outer, 0, 1, row.Length, row, 0);
            if (byRow)
            {
                ReadOnlySpan<double> means = inputs.AsSpan(checked((int)(outer / channelsOfGroup * row.Length)), row.Length);
                for (int i = 0; i < row.Length; i++)
                    shift[outer] += Error(row[i], scales[outer]) * means[i];
            }
            else
            {
                for (int i = 0; i < row.Length; i++)
                    shift[i] += Error(row[i], scales[i]) * inputs[outer];
            }
        }

        return shift;
    }

    /// <summary>What the code stands for, less the weight.</summary>
    private static double Error(float weight, ChannelScale scale) =>
        (ChannelScale.ToCode(weight, scale.Inverse) * (double)scale.Scale) - weight;
}
