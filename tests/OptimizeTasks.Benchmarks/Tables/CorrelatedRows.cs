using System.Globalization;
using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>Samples of one input that come together as activations of networks do: each row mixes a quarter as many numbers, with some noise.</summary>
/// <param name="Count">The number of samples, each a row.</param>
/// <param name="Size">The length of a row.</param>
/// <param name="Seed">Where the drawing starts. The mix is the same for all.</param>
internal sealed record CorrelatedRows(int Count, int Size, int Seed) : ISampleSource
{
    private const double Noise = 0.3;

    /// <inheritdoc/>
    public string Description => string.Create(CultureInfo.InvariantCulture, $"{Count} mixed rows");

    /// <inheritdoc/>
    public bool IsSynthetic => false;

    /// <inheritdoc/>
    public IEnumerable<Sample> Read(CancellationToken cancellationToken) =>
        Rows().Select(row => new Sample(new Dictionary<string, Tensor> { ["x"] = Tensor.Create<float>(ElementType.Float, [1, Size], row) }));

    /// <summary>Writes the samples as lines of JSON.</summary>
    public void WriteTo(string path) =>
        File.WriteAllLines(path, Rows().Select(row => $"{{\"x\": [{string.Join(", ", row.Select(number => number.ToString(CultureInfo.InvariantCulture)))}]}}"));

    private IEnumerable<float[]> Rows()
    {
        int sources = Size / 4;
        var mixing = new Random(7);
        double[] mix = [.. Enumerable.Range(0, sources * Size).Select(_ => Normal(mixing) / Math.Sqrt(sources))];
        var random = new Random(Seed);
        for (int i = 0; i < Count; i++)
        {
            double[] source = [.. Enumerable.Range(0, sources).Select(_ => Normal(random))];
            yield return [.. Enumerable.Range(0, Size).Select(column => (float)((Noise * Normal(random)) + Enumerable.Range(0, sources).Sum(k => source[k] * mix[(k * Size) + column])))];
        }
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
