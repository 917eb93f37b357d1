using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Tests;

/// <summary>Draws inputs and compares outputs.</summary>
internal static class Agreement
{
    /// <summary>Inputs of a graph: symbols get the given size, integers small values, floats −1…1.</summary>
    public static Dictionary<string, Tensor> Draw(Graph graph, long size)
    {
        var random = new Random(1);
        return graph.Inputs.Where(i => i.Initializer is null).ToDictionary(i => i.Name, i => Draw(i, size, random));
    }

    /// <summary>Runs a model without graph optimisations.</summary>
    public static IReadOnlyDictionary<string, Tensor> Run(Model model, IReadOnlyDictionary<string, Tensor> inputs) =>
        new InProcessRunner().Run(model, inputs, RunLimits.Default, CancellationToken.None);

    /// <summary>The relative L2 error of the worst output; types, shapes and integers must be equal.</summary>
    public static double Error(IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> actual)
    {
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        return expected.Max(e => Error(e.Value, actual[e.Key]));
    }

    /// <summary>The relative L2 error on several inputs: the root of the mean of the squares.</summary>
    public static double Error(Model expected, Model actual, IEnumerable<IReadOnlyDictionary<string, Tensor>> inputs) =>
        Math.Sqrt(inputs.Average(given => Math.Pow(Error(Run(expected, given), Run(actual, given)), 2)));

    public static double Error(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.ToString(), actual.ToString());
        if (!expected.ElementType.IsFloatingPoint())
            return expected.Data.ReadAll().Span.SequenceEqual(actual.Data.ReadAll().Span) ? 0 : double.PositiveInfinity;
        double[] a = Numbers(expected);
        double[] b = Numbers(actual);
        double difference = 0, norm = 0;
        for (int i = 0; i < a.Length; i++)
        {
            if (a[i].Equals(b[i]))
                continue;
            difference += (a[i] - b[i]) * (a[i] - b[i]);
            norm += a[i] * a[i];
        }

        norm = a.Sum(x => double.IsFinite(x) ? x * x : 0);
        return difference == 0 ? 0 : Math.Sqrt(difference) / Math.Max(Math.Sqrt(norm), 1e-7 * Math.Sqrt(a.Length));
    }

    private static double[] Numbers(Tensor tensor) => tensor.ElementType switch
    {
        ElementType.Float => Array.ConvertAll(tensor.Read<float>().ToArray(), x => (double)x),
        ElementType.Double => tensor.Read<double>().ToArray(),
        ElementType.Float16 => Array.ConvertAll(tensor.Read<Half>().ToArray(), x => (double)x),
        _ => throw new NotSupportedException(tensor.ElementType.ToString()),
    };

    private static Tensor Draw(Value input, long size, Random random)
    {
        long[] sizes = [.. (input.Shape ?? Shape.Scalar).Select(d => d.TryGetValue(out long s) ? s : size)];
        long count = sizes.Aggregate(1L, (a, b) => a * b);
        if (count > 1 << 24)
            throw new NotSupportedException($"{count} elements are too many for a test");
        float[] numbers = [.. Enumerable.Range(0, (int)count).Select(_ => (random.NextSingle() * 2) - 1)];
        return input.ElementType switch
        {
            ElementType.Float => Tensor.Create<float>(ElementType.Float, sizes, numbers),
            ElementType.Double => Tensor.Create<double>(ElementType.Double, sizes, Array.ConvertAll(numbers, x => (double)x)),
            ElementType.Float16 => Tensor.Create<Half>(ElementType.Float16, sizes, Array.ConvertAll(numbers, x => (Half)x)),
            ElementType.Int64 => Tensor.Create<long>(ElementType.Int64, sizes, Array.ConvertAll(numbers, x => x > 0 ? 1L : 0)),
            ElementType.Int32 => Tensor.Create<int>(ElementType.Int32, sizes, Array.ConvertAll(numbers, x => x > 0 ? 1 : 0)),
            ElementType.Bool => Tensor.Create<byte>(ElementType.Bool, sizes, Array.ConvertAll(numbers, x => (byte)(x > 0 ? 1 : 0))),
            ElementType.UInt8 => Tensor.Create<byte>(ElementType.UInt8, sizes, Array.ConvertAll(numbers, x => (byte)(128 + (x * 100)))),
            ElementType.Int8 => Tensor.Create<sbyte>(ElementType.Int8, sizes, Array.ConvertAll(numbers, x => (sbyte)(x * 100))),
            _ => throw new NotSupportedException(input.ElementType.ToString()),
        };
    }
}
