using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Tests.Quantization;

/// <summary>Samples in memory.</summary>
internal sealed class MemorySamples(params IReadOnlyList<IReadOnlyDictionary<string, Tensor>> samples) : ISampleSource
{
    public string Description => "samples of the test";

    public bool IsSynthetic => false;

    public IEnumerable<Sample> Read(CancellationToken cancellationToken) => samples.Select(inputs => new Sample(inputs));

    /// <summary>Inputs that <see cref="Agreement"/> draws, with these sizes of symbols.</summary>
    public static MemorySamples Of(Graph graph, params long[] sizes) => new([.. sizes.Select(size => Agreement.Draw(graph, size))]);
}
