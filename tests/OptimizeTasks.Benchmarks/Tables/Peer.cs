using Microsoft.ML.OnnxRuntime;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>ONNX Runtime's own optimiser, offline: loads a model and saves what it made of it.</summary>
internal static class Peer
{
    public static void Optimize(string model, string result)
    {
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
            OptimizedModelFilePath = result,
        };
        using var session = new InferenceSession(model, options);
    }
}
