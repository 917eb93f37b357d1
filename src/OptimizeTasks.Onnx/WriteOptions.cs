namespace OptimizeTasks.Onnx;

/// <summary>How <see cref="ModelWriter"/> writes a model to a file.</summary>
public sealed record WriteOptions
{
    /// <summary>
    /// Whether weights go to a file of their own beside the model, named as the model with <c>.data</c> behind. They do
    /// in any case where the model would exceed the 2 GB that a protobuf file can have. Default: false.
    /// </summary>
    public bool ExternalData { get; init; }

    /// <summary>The length in bytes from which on a tensor goes to the data file, if there is one. Default: 1024.</summary>
    public long ExternalDataThreshold { get; init; } = 1024;
}
