using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Searching;

/// <summary>A sample, and what the original makes of it.</summary>
internal sealed record SampleRun(Sample Sample, IReadOnlyDictionary<string, Tensor> Outputs)
{
    /// <summary>The bytes that it holds.</summary>
    public long Bytes => Sample.Inputs.Values.Concat(Outputs.Values).Sum(tensor => tensor.ByteLength);
}
