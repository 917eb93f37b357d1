using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Tests.Searching;

/// <summary>Pictures of noise for models that take float[batch,1,8,8].</summary>
internal sealed class DrawnSamples(int count) : ISampleSource
{
    public string Description => $"{count} drawn pictures";

    public bool IsSynthetic => true;

    public IEnumerable<Sample> Read(CancellationToken cancellationToken)
    {
        var random = new Random(1);
        for (int i = 0; i < count; i++)
        {
            float[] pixels = [.. Enumerable.Range(0, 64).Select(_ => random.NextSingle())];
            yield return new Sample(new Dictionary<string, Tensor> { ["image"] = Tensor.Create<float>(ElementType.Float, [1, 1, 8, 8], pixels) });
        }
    }
}
