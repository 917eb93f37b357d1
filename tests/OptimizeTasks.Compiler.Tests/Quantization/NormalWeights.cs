using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Tests.Quantization;

/// <summary>Weights as models have them.</summary>
internal static class NormalWeights
{
    /// <summary>A constant of normally distributed numbers.</summary>
    public static Value Normal(this Graph graph, string name, params long[] sizes)
    {
        var random = new Random(name.Length);
        float[] numbers = [.. Enumerable.Range(0, (int)sizes.Aggregate(1L, (a, b) => a * b))
            .Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())) / 8)];
        return graph.AddInitializer(name, Tensor.Create<float>(ElementType.Float, sizes, numbers));
    }
}
