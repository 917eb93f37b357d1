using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Tests.Quantization;

/// <summary>Samples of an input <c>x</c> whose last axis comes together as activations of networks do: mixes of a fourth as many numbers, and noise.</summary>
internal static class CorrelatedSamples
{
    public static MemorySamples Of(int count, int seed, params long[] sizes)
    {
        int size = (int)sizes[^1], rows = (int)sizes[..^1].Aggregate(1L, (a, b) => a * b), sources = size / 4;
        var mixing = new Random(7);
        double[] mix = [.. Enumerable.Range(0, sources * size).Select(_ => Normal(mixing))];
        var random = new Random(seed);
        return new MemorySamples([.. Enumerable.Range(0, count).Select(_ => new Dictionary<string, Tensor> { ["x"] = Tensor.Create<float>(ElementType.Float, sizes, [.. Enumerable.Range(0, rows).SelectMany(_ => Row())]) })]);

        float[] Row()
        {
            double[] source = [.. Enumerable.Range(0, sources).Select(_ => Normal(random))];
            return [.. Enumerable.Range(0, size).Select(i => (float)((0.3 * Normal(random)) + Enumerable.Range(0, sources).Sum(k => source[k] * mix[(k * size) + i] / Math.Sqrt(sources))))];
        }
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
