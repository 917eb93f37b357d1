namespace OptimizeTasks.Runtime;

/// <summary>Apple's GPUs and Neural Engine through Core ML.</summary>
public sealed record CoreMlProvider : Provider
{
    /// <inheritdoc/>
    public override string Name => "CoreMl";

    /// <summary>The units to use: <c>ALL</c>, <c>CPUAndNeuralEngine</c>, <c>CPUAndGPU</c> or <c>CPUOnly</c>.</summary>
    public string ComputeUnits { get; init; } = "ALL";

    /// <summary>Where compiled models are kept between runs of the app, or null.</summary>
    public string? CachePath { get; init; }

    internal override string OrtName => "CoreMLExecutionProvider";

    private protected override string AppendName => "CoreML";

    private protected override void AddOptions(IDictionary<string, string> options)
    {
        // The older format lacks most operators.
        options["ModelFormat"] = "MLProgram";
        options["MLComputeUnits"] = ComputeUnits;
        if (CachePath is { } path)
            options["ModelCacheDirectory"] = path;
    }
}
