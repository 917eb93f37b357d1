namespace OptimizeTasks.Onnx;

/// <summary>What is wrong with a model file.</summary>
public enum ModelFault
{
    /// <summary>The graph, or a tensor, contradicts itself or the specification.</summary>
    InvalidGraph,

    /// <summary>The bytes are no ONNX protobuf.</summary>
    NotAModel,

    /// <summary>The file ends in the middle.</summary>
    Truncated,

    /// <summary>A file with weights does not exist, is too short, or cannot be read.</summary>
    ExternalDataMissing,

    /// <summary>A file with weights would lie outside the model's folder.</summary>
    ExternalDataOutside,
}
