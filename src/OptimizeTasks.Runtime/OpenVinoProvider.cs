namespace OptimizeTasks.Runtime;

/// <summary>Intel's processors, GPUs and NPUs through OpenVINO.</summary>
public sealed record OpenVinoProvider : Provider
{
    /// <inheritdoc/>
    public override string Name => "OpenVino";

    /// <summary>The device: <c>CPU</c>, <c>GPU</c>, <c>NPU</c>, <c>AUTO:GPU,CPU</c>, …; null for OpenVINO's own choice.</summary>
    public string? Device { get; init; }

    /// <summary>Where compiled models are kept between runs of the app, or null.</summary>
    public string? CachePath { get; init; }

    internal override string OrtName => "OpenVINOExecutionProvider";

    private protected override string AppendName => "OpenVINO";

    private protected override void AddOptions(IDictionary<string, string> options)
    {
        if (Device is { } device)
            options["device_type"] = device;
        if (CachePath is { } path)
            options["cache_dir"] = path;
    }
}
