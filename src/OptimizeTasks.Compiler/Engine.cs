namespace OptimizeTasks.Compiler;

/// <summary>What runs the compiled model.</summary>
public enum Engine
{
    /// <summary>ONNX Runtime, with operators of its own.</summary>
    OnnxRuntime,

    /// <summary>Any engine that knows ONNX: standard operators alone.</summary>
    Portable,
}
