namespace OptimizeTasks.Runtime;

/// <summary>Any GPU through WebGPU (Vulkan, Direct3D 12 or Metal). Runs one call at a time.</summary>
public sealed record WebGpuProvider : Provider
{
    /// <inheritdoc/>
    public override string Name => "WebGpu";

    /// <summary>
    /// Whether convolutions are rewritten to channels last (<c>NHWC</c>). ONNX Runtime's record of the assignment then leaves out
    /// the nodes that were assigned before the rewriting: the placement is incomplete and <see cref="ModelOptions.RequireProvider"/>
    /// may refuse the model.
    /// </summary>
    public bool ChannelsLast { get; init; }

    internal override string OrtName => "WebGpuExecutionProvider";

    internal override bool RunsOneCallAtATime => true;

    private protected override string AppendName => "WebGPU";

    private protected override void AddOptions(IDictionary<string, string> options) => options["preferredLayout"] = ChannelsLast ? "NHWC" : "NCHW";
}
