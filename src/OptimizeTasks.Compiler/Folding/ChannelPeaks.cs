using System.Runtime.InteropServices;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Folding;

/// <summary>The greatest magnitude of each channel of a weight, which is read in pieces.</summary>
internal static class ChannelPeaks
{
    private const int ElementsOfPiece = 1 << 18;

    /// <summary>The peaks along an axis of a float tensor.</summary>
    public static float[] Of(Tensor weight, int axis)
    {
        var peaks = new float[weight.Dimensions[axis]];
        long inner = weight.Dimensions.Skip(axis + 1).Aggregate(1L, (a, b) => a * b);
        var piece = new float[Math.Min(ElementsOfPiece, weight.ElementCount)];
        for (long first = 0; first < weight.ElementCount; first += piece.Length)
        {
            Span<float> elements = piece.AsSpan(0, (int)Math.Min(piece.Length, weight.ElementCount - first));
            weight.Data.Read(first * sizeof(float), MemoryMarshal.AsBytes(elements));
            for (int i = 0; i < elements.Length;)
            {
                // What stands side by side in one channel is looked at together.
                long index = first + i;
                int length = (int)Math.Min(elements.Length - i, inner - (index % inner));
                long channel = index / inner % peaks.Length;
                foreach (float element in elements.Slice(i, length))
                    peaks[channel] = Math.Max(peaks[channel], Math.Abs(element));
                i += length;
            }
        }

        return peaks;
    }
}
