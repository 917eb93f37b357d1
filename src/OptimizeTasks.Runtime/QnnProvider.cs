namespace OptimizeTasks.Runtime;

/// <summary>Qualcomm's NPUs.</summary>
public sealed record QnnProvider : Provider
{
    /// <inheritdoc/>
    public override string Name => "Qnn";

    /// <summary>The library of the backend, for instance <c>QnnHtp.dll</c>; null for the NPU's.</summary>
    public string? BackendPath { get; init; }

    internal override string OrtName => "QNNExecutionProvider";

    private protected override string AppendName => "QNN";

    private protected override void AddOptions(IDictionary<string, string> options)
    {
        if (BackendPath is { } path)
            options["backend_path"] = path;
        else
            options["backend_type"] = "htp";
    }
}
