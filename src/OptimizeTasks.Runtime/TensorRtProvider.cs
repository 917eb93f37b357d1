using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Runtime.Providers;

namespace OptimizeTasks.Runtime;

/// <summary>NVIDIA GPUs through TensorRT.</summary>
public sealed record TensorRtProvider : Provider
{
    /// <inheritdoc/>
    public override string Name => "TensorRt";

    /// <summary>The GPU's number.</summary>
    public int DeviceId { get; init; }

    /// <summary>Where built engines and timings are kept between runs of the app; null to build them anew each time (minutes).</summary>
    public string? CachePath { get; init; }

    /// <summary>The start of the names of cached engines; set it where models share a folder.</summary>
    public string? CachePrefix { get; init; }

    /// <summary>Whether half precision may be used.</summary>
    public bool Float16 { get; init; }

    /// <summary>Whether 8-bit integers may be used where the model has quantisation operators.</summary>
    public bool Int8 { get; init; }

    /// <summary>Whether weights that are zero in two of four places are used as such.</summary>
    public bool Sparsity { get; init; }

    /// <summary>The most memory that building an engine takes, in bytes; null for TensorRT's own limit.</summary>
    public long? WorkspaceLimit { get; init; }

    /// <summary>The least sizes of inputs, for instance <c>input_ids:1x1,attention_mask:1x1</c>, with the optimal and the greatest ones.</summary>
    public string? ProfileMinimum { get; init; }

    /// <summary>The sizes for which the engine is tuned.</summary>
    public string? ProfileOptimum { get; init; }

    /// <summary>The greatest sizes.</summary>
    public string? ProfileMaximum { get; init; }

    internal override string OrtName => "TensorrtExecutionProvider";

    private protected override void AddOptions(IDictionary<string, string> options)
    {
        options["device_id"] = OptionText.Of(DeviceId);
        options["trt_fp16_enable"] = OptionText.Of(Float16);
        options["trt_int8_enable"] = OptionText.Of(Int8);
        if (Sparsity)
            options["trt_sparsity_enable"] = OptionText.Of(true);
        if (WorkspaceLimit is { } limit)
            options["trt_max_workspace_size"] = OptionText.Of(limit);
        AddCache(options);
        Add(options, "trt_profile_min_shapes", ProfileMinimum);
        Add(options, "trt_profile_opt_shapes", ProfileOptimum);
        Add(options, "trt_profile_max_shapes", ProfileMaximum);
    }

    internal override void AppendTo(SessionOptions session, IReadOnlyDictionary<string, string> options)
    {
        using var tensorRt = new OrtTensorRTProviderOptions();
        tensorRt.UpdateOptions(new Dictionary<string, string>(options));
        session.AppendExecutionProvider_Tensorrt(tensorRt);
    }

    private void AddCache(IDictionary<string, string> options)
    {
        if (CachePath is not { } path)
            return;
        options["trt_engine_cache_enable"] = OptionText.Of(true);
        options["trt_engine_cache_path"] = path;
        options["trt_timing_cache_enable"] = OptionText.Of(true);
        options["trt_timing_cache_path"] = path;
        Add(options, "trt_engine_cache_prefix", CachePrefix);
    }

    private static void Add(IDictionary<string, string> options, string name, string? value)
    {
        if (value is not null)
            options[name] = value;
    }
}
