namespace OptimizeTasks.Compiler.Tests.Quantization;

/// <summary>Error feedback as papers write it: with the inverse of the moments, an input at a time, in double precision.</summary>
internal static class ErrorFeedback
{
    /// <summary>The moments XᵀX, the diagonal a little greater.</summary>
    public static double[,] Moments(float[,] inputs, double damping)
    {
        int size = inputs.GetLength(1);
        var moments = new double[size, size];
        for (int row = 0; row < inputs.GetLength(0); row++)
        {
            for (int i = 0; i < size; i++)
            {
                for (int j = 0; j < size; j++)
                    moments[i, j] += (double)inputs[row, i] * inputs[row, j];
            }
        }

        for (int i = 0; i < size; i++)
            moments[i, i] *= 1 + damping;
        return moments;
    }

    /// <summary>What errors of weights, [inputs, channels], cost in each channel.</summary>
    public static double[] Costs(double[,] moments, double[,] errors)
    {
        int size = errors.GetLength(0);
        return [.. Enumerable.Range(0, errors.GetLength(1)).Select(channel =>
        {
            double cost = 0;
            for (int i = 0; i < size; i++)
            {
                for (int j = 0; j < size; j++)
                    cost += errors[i, channel] * moments[i, j] * errors[j, channel];
            }

            return cost;
        })];
    }

    /// <summary>The weights that come of it.</summary>
    /// <param name="weight">The weights, [inputs, channels].</param>
    /// <param name="moments">The moments of the inputs.</param>
    /// <param name="bits">Bits of a code.</param>
    /// <param name="block">The inputs of a block.</param>
    /// <param name="isSymmetric">Whether 0 has the middle code.</param>
    public static double[,] Round(float[,] weight, double[,] moments, int bits, int block, bool isSymmetric)
    {
        int size = weight.GetLength(0), channels = weight.GetLength(1), last = (1 << bits) - 1, middle = (last + 1) / 2;
        double[,] upper = Upper(Inverse(moments));
        var rounded = new double[size, channels];
        for (int channel = 0; channel < channels; channel++)
        {
            double[] rest = [.. Enumerable.Range(0, size).Select(i => (double)weight[i, channel])];
            double scale = 0;
            int zeroPoint = 0;
            for (int i = 0; i < size; i++)
            {
                if (i % block == 0)
                {
                    double[] own = rest[i..Math.Min(i + block, size)];
                    double least = Math.Min(0, own.Min()), greatest = Math.Max(0, own.Max());
                    scale = isSymmetric ? (greatest > -least ? greatest : least) / -middle : (greatest - least) / last;
                    zeroPoint = isSymmetric ? middle : (int)Math.Round(-least / scale);
                }

                rounded[i, channel] = (Math.Clamp(Math.Round(rest[i] / scale) + zeroPoint, 0, last) - zeroPoint) * scale;
                double error = (rest[i] - rounded[i, channel]) / upper[i, i];
                for (int j = i + 1; j < size; j++)
                    rest[j] -= error * upper[i, j];
            }
        }

        return rounded;
    }

    /// <summary>By Gauss and Jordan.</summary>
    private static double[,] Inverse(double[,] matrix)
    {
        int size = matrix.GetLength(0);
        var left = (double[,])matrix.Clone();
        var right = new double[size, size];
        for (int i = 0; i < size; i++)
            right[i, i] = 1;
        for (int pivot = 0; pivot < size; pivot++)
        {
            double factor = 1 / left[pivot, pivot];
            for (int column = 0; column < size; column++)
            {
                left[pivot, column] *= factor;
                right[pivot, column] *= factor;
            }

            for (int row = 0; row < size; row++)
            {
                if (row == pivot)
                    continue;
                double times = left[row, pivot];
                for (int column = 0; column < size; column++)
                {
                    left[row, column] -= times * left[pivot, column];
                    right[row, column] -= times * right[pivot, column];
                }
            }
        }

        return right;
    }

    /// <summary>The upper triangle U for which the matrix is UᵀU.</summary>
    private static double[,] Upper(double[,] matrix)
    {
        int size = matrix.GetLength(0);
        var upper = new double[size, size];
        for (int i = 0; i < size; i++)
        {
            for (int j = i; j < size; j++)
            {
                double sum = matrix[i, j];
                for (int k = 0; k < i; k++)
                    sum -= upper[k, i] * upper[k, j];
                upper[i, j] = j == i ? Math.Sqrt(sum) : sum / upper[i, i];
            }
        }

        return upper;
    }
}
