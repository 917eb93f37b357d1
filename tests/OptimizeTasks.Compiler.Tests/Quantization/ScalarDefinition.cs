namespace OptimizeTasks.Compiler.Tests.Quantization;

/// <summary>Quantisation written as its definition says, an element at a time.</summary>
internal static class ScalarDefinition
{
    /// <summary>Blocks along the first axis of a matrix: codes one by one, scales and zero points by channel and block.</summary>
    public static (byte[] Codes, float[] Scales, byte[] ZeroPoints) Blocks(float[,] weight, int bits, int size, bool isSymmetric, bool isClipped = false)
    {
        int rows = weight.GetLength(0), channels = weight.GetLength(1), blocks = (rows + size - 1) / size, last = (1 << bits) - 1;
        var codes = new byte[channels * blocks * size];
        var scales = new float[channels * blocks];
        var zeroPoints = new byte[channels * blocks];
        for (int channel = 0; channel < channels; channel++)
        {
            for (int block = 0; block < blocks; block++)
            {
                float[] elements = [.. Enumerable.Range(block * size, size).Select(row => row < rows ? weight[row, channel] : 0)];
                float least = Math.Min(0, elements.Min()), greatest = Math.Max(0, elements.Max());
                int middle = (last + 1) / 2;
                if (isClipped)
                    (least, greatest) = Clip(elements, bits, least, greatest, isSymmetric);
                float scale = isSymmetric ? (greatest > -least ? greatest : least) / -middle : (greatest / last) - (least / last);
                bool isZero = MathF.Abs(scale) < 1.17549435e-38f;
                float inverse = isZero ? 0 : 1 / scale;
                int zeroPoint = isSymmetric || isZero ? middle : Math.Clamp((int)MathF.Round(-least * inverse), 0, last);
                int index = (channel * blocks) + block;
                scales[index] = isZero ? 0 : scale;
                zeroPoints[index] = (byte)zeroPoint;
                for (int i = 0; i < size; i++)
                    codes[(index * size) + i] = (byte)Math.Clamp((int)MathF.Round(elements[i] * inverse) + zeroPoint, 0, last);
            }
        }

        return (codes, scales, zeroPoints);
    }

    /// <summary>The extremes of the candidate with the least squared error: in steps of 1/40, 16 smaller and 5 larger.</summary>
    private static (float Least, float Greatest) Clip(float[] elements, int bits, float least, float greatest, bool isSymmetric)
    {
        int last = (1 << bits) - 1, middle = (last + 1) / 2;
        float smallest = float.PositiveInfinity;
        (float Least, float Greatest) best = (least, greatest);
        for (int candidate = 0; candidate < 22; candidate++)
        {
            float ratio = candidate <= 16 ? 1 - (candidate * (1f / 40)) : 1 + ((candidate - 16) * (1f / 40)), low = least * ratio, high = greatest * ratio;
            float scale = isSymmetric ? (high > -low ? high : low) / -middle : (high / last) - (low / last);
            if (MathF.Abs(scale) < 1.17549435e-38f)
                continue;
            float inverse = 1 / scale;
            int zeroPoint = isSymmetric ? middle : Math.Clamp((int)MathF.Round(-low * inverse), 0, last);
            var sums = new float[4];
            for (int i = 0; i < elements.Length; i++)
            {
                float difference = elements[i] - ((Math.Clamp((int)MathF.Round(elements[i] * inverse) + zeroPoint, 0, last) - zeroPoint) * scale);
                sums[i % 4] += difference * difference;
            }

            float error = sums[0] + sums[1] + (sums[2] + sums[3]);
            if (error < smallest)
                (best, smallest) = ((low, high), error);
        }

        return best;
    }

    /// <summary>One scale for each column.</summary>
    public static (sbyte[,] Codes, float[] Scales) Columns(float[,] weight)
    {
        var codes = new sbyte[weight.GetLength(0), weight.GetLength(1)];
        var scales = new float[weight.GetLength(1)];
        for (int column = 0; column < scales.Length; column++)
        {
            float peak = Enumerable.Range(0, codes.GetLength(0)).Select(row => Math.Abs(weight[row, column])).DefaultIfEmpty().Max();
            float scale = peak / 127;
            bool isZero = scale < 1.17549435e-38f;
            scales[column] = isZero ? 1 : scale;
            for (int row = 0; row < codes.GetLength(0); row++)
                codes[row, column] = (sbyte)Math.Clamp((int)MathF.Round(isZero ? 0 : weight[row, column] * (1 / scale)), -127, 127);
        }

        return (codes, scales);
    }

    /// <summary>Codes of 4 bits, two to a byte, the first in the lower half; a row of an odd number ends with half a byte.</summary>
    public static byte[] Pack(byte[] codes, int bits, int row)
    {
        if (bits == 8)
            return codes;
        var packed = new List<byte>();
        for (int start = 0; start < codes.Length; start += row)
        {
            for (int i = 0; i < row; i += 2)
                packed.Add((byte)(codes[start + i] | (i + 1 < row ? codes[start + i + 1] << 4 : 0)));
        }

        return [.. packed];
    }
}
