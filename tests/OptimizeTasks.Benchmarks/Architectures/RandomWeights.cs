using System.Runtime.InteropServices;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>
/// Float weights computed when they are read, from a seed: logistic, so with heavier tails than Gaussian ones, and some
/// output channels ten times larger than the others, as in trained models.
/// </summary>
internal sealed class RandomWeights(ulong seed, long count, long channels, float scale) : TensorData
{
    private const float OutlierFactor = 10;
    private const ulong OneIn = 200;

    public override long Length => count * sizeof(float);

    public override void Read(long offset, Span<byte> destination)
    {
        // Blocks of any kind may be asked for; a float is computed once or twice where a block cuts it.
        long first = offset / sizeof(float);
        long end = (offset + destination.Length + sizeof(float) - 1) / sizeof(float);
        var values = new float[end - first];
        for (int i = 0; i < values.Length; i++)
            values[i] = Value(first + i);
        MemoryMarshal.AsBytes<float>(values).Slice((int)(offset - (first * sizeof(float))), destination.Length).CopyTo(destination);
    }

    private float Value(long index)
    {
        float uniform = ((Mix(seed + (ulong)index) >> 40) + 0.5f) / (1 << 24);
        float value = scale * MathF.Log(uniform / (1 - uniform));
        return channels > 1 && Mix(~seed + (ulong)(index % channels)) % OneIn == 0 ? value * OutlierFactor : value;
    }

    /// <summary>The finaliser of SplitMix64 (Steele, Lea and Flood, 2014).</summary>
    private static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
