using Microsoft.ML.OnnxRuntime;

namespace OptimizeTasks.Runtime.Providers;

/// <summary>The processor.</summary>
internal sealed record CpuProvider : Provider
{
    public override string Name => "Cpu";

    internal override string OrtName => "CPUExecutionProvider";

    internal override void AppendTo(SessionOptions session, IReadOnlyDictionary<string, string> options)
    {
        // ONNX Runtime adds it to every session itself.
    }
}
