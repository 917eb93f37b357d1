using System.Runtime.InteropServices;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>
/// Float weights computed when they are read, from a seed: logistic, so with heavier tails than Gaussian ones, and one in
/// 200 output channels ten times larger than the others, as in trained models.
/// </summary>
internal sealed class RandomWeights : TensorData
{
    private const float OutlierFactor = 10;
    private const ulong OneIn = 200;

    /// <summary>How many values one number of the generator gives.</summary>
    private const int Group = 4;

    /// <summary>The quantiles of the standard logistic distribution: drawing is reading at random.</summary>
    private static readonly float[] s_logistic = [.. Enumerable.Range(0, 1 << 16).Select(i => MathF.Log((i + 0.5f) / ((1 << 16) - i - 0.5f)))];

    private readonly ulong _seed;
    private readonly WeightStatistics _statistics;
    private readonly long _count;
    private readonly long _channels;
    private readonly long _stride;
    private readonly long[] _outliers;

    /// <summary>As many values as <paramref name="sizes"/> say; channels are those of <paramref name="channelAxis"/>, none of a vector.</summary>
    public RandomWeights(ulong seed, WeightStatistics statistics, ReadOnlySpan<long> sizes, int channelAxis)
    {
        _seed = seed;
        _statistics = statistics;
        _count = Product(sizes);
        _channels = sizes[channelAxis];
        _stride = Product(sizes[(channelAxis + 1)..]);
        _outliers = _count == _channels ? [] : [.. Enumerable.Range(0, (int)_channels).Where(c => Mix(~seed + (ulong)c) % OneIn == 0).Select(c => (long)c)];
    }

    public override long Length => _count * sizeof(float);

    public override void Read(long offset, Span<byte> destination)
    {
        // Blocks of any kind may be asked for; the values at the edges are computed once or twice.
        long first = offset / sizeof(float);
        long end = (offset + destination.Length + sizeof(float) - 1) / sizeof(float);
        if (first * sizeof(float) == offset && destination.Length % sizeof(float) == 0)
        {
            Fill(first, MemoryMarshal.Cast<byte, float>(destination));
            return;
        }

        var values = new float[end - first];
        Fill(first, values);
        MemoryMarshal.AsBytes<float>(values).Slice((int)(offset - (first * sizeof(float))), destination.Length).CopyTo(destination);
    }

    private void Fill(long first, Span<float> values)
    {
        Draw(first, values);
        foreach (long channel in _outliers)
            Enlarge(first, values, channel);
        if (_statistics.Positive)
        {
            foreach (ref float value in values)
                value = MathF.Exp(value);
        }
    }

    private void Draw(long first, Span<float> values)
    {
        ulong bits = Mix(_seed + (ulong)(first / Group)) >> (int)(first % Group * 16);
        for (int i = 0; i < values.Length; i++)
        {
            if ((first + i) % Group == 0)
                bits = Mix(_seed + (ulong)((first + i) / Group));
            values[i] = _statistics.Centre + (_statistics.Scale * s_logistic[(ushort)bits]);
            bits >>= 16;
        }
    }

    /// <summary>Every value of one channel, which stand in runs of the stride.</summary>
    private void Enlarge(long first, Span<float> values, long channel)
    {
        long period = _channels * _stride;
        for (long run = (first / period * period) + (channel * _stride); run < first + values.Length; run += period)
        {
            int from = (int)Math.Max(run - first, 0);
            int to = (int)Math.Min(run + _stride - first, values.Length);
            for (int i = from; i < to; i++)
                values[i] *= OutlierFactor;
        }
    }

    private static long Product(ReadOnlySpan<long> sizes)
    {
        long product = 1;
        foreach (long size in sizes)
            product *= size;
        return product;
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
