using Microsoft.ML.OnnxRuntime;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>ONNX Runtime's own optimiser, offline: loads a model and saves what it made of it.</summary>
internal static class Peer
{
    /// <summary>From here on the result keeps its weights in a file of their own: a protobuf file has at most 2 GB.</summary>
    private const long LargestFile = 1 << 30;

    public static void Optimize(string model, string result)
    {
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
            OptimizedModelFilePath = result,
        };
        string data = model + ".data";
        if (File.Exists(data) && new FileInfo(data).Length > LargestFile)
        {
            options.AddSessionConfigEntry("session.optimized_model_external_initializers_file_name", Path.GetFileName(result) + ".data");
            options.AddSessionConfigEntry("session.optimized_model_external_initializers_min_size_in_bytes", "1024");
        }

        using var session = new InferenceSession(model, options);
    }
}
