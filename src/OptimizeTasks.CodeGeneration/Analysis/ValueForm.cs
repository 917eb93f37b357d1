namespace OptimizeTasks.CodeGeneration.Analysis;

/// <summary>How an input or output appears in C#.</summary>
internal enum ValueForm
{
    /// <summary>A tensor span of numbers.</summary>
    Tensor,

    /// <summary>A number.</summary>
    Scalar,

    /// <summary>A tensor span of strings.</summary>
    Strings,

    /// <summary>A string.</summary>
    String,

    /// <summary>A list of tensors.</summary>
    Sequence,

    /// <summary>A dictionary.</summary>
    Map,

    /// <summary>A list of dictionaries.</summary>
    Maps,

    /// <summary>ONNX Runtime's own object.</summary>
    OrtValue,
}
