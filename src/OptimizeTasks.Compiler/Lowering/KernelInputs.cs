using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering;

/// <summary>The inputs of a kernel in their places.</summary>
internal static class KernelInputs
{
    /// <summary>Without the absent inputs behind the last one that is there.</summary>
    public static Value?[] WithoutAbsentEnd(Value?[] inputs) => inputs[..(Array.FindLastIndex(inputs, i => i is not null) + 1)];
}
