using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Runtime.Providers;

namespace OptimizeTasks.Runtime;

/// <summary>NVIDIA GPUs through CUDA and cuDNN.</summary>
public sealed record CudaProvider : Provider
{
    /// <inheritdoc/>
    public override string Name => "Cuda";

    /// <summary>The GPU's number.</summary>
    public int DeviceId { get; init; }

    /// <summary>The most memory that ONNX Runtime's arena takes from the GPU, in bytes; null for no limit.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>Whether single-precision matrix products may use the 10-bit mantissa of TF32.</summary>
    public bool TensorFloat32 { get; init; } = true;

    internal override string OrtName => "CUDAExecutionProvider";

    private protected override void AddOptions(IDictionary<string, string> options)
    {
        options["device_id"] = OptionText.Of(DeviceId);
        // The default grows in powers of two, and keeps up to half the memory that it took for nothing.
        options["arena_extend_strategy"] = "kSameAsRequested";
        // The default tries every algorithm again for each new shape.
        options["cudnn_conv_algo_search"] = "HEURISTIC";
        options["use_tf32"] = OptionText.Of(TensorFloat32);
        if (MemoryLimit is { } limit)
            options["gpu_mem_limit"] = OptionText.Of(limit);
    }

    internal override void AppendTo(SessionOptions session, IReadOnlyDictionary<string, string> options)
    {
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(new Dictionary<string, string>(options));
        session.AppendExecutionProvider_CUDA(cuda);
    }
}
