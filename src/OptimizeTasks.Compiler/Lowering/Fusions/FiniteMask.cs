using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>
/// Masks that have no −∞. Of a query that may see no key, the standard Attention makes 0, and other kernels no number; with
/// finite masks all of them average.
/// </summary>
internal static class FiniteMask
{
    /// <summary>The largest constant that is looked through.</summary>
    private const long LargestConstant = 16 << 20;

    /// <summary>How far the mask's origin is followed.</summary>
    private const int MostSteps = 16;

    /// <summary>Whether it is proven that nothing in the mask is −∞.</summary>
    public static bool IsProven(Value mask) => IsProven(mask, MostSteps);

    private static bool IsProven(Value mask, int steps)
    {
        if (mask.Constant is { } constant)
            return constant.ByteLength <= LargestConstant && IsFinite(constant);
        if (steps == 0 || mask.Producer is not { Domain.Length: 0 } node)
            return false;
        return node.OpType switch
        {
            "Max" => node.Inputs.Any(i => i?.Constant is not null && IsProven(i, steps - 1)),
            "Mul" => (IsProven(node.Inputs[0]!, steps - 1) && node.Inputs[1]!.IsWholeNumber()) || (IsProven(node.Inputs[1]!, steps - 1) && node.Inputs[0]!.IsWholeNumber()),
            "Where" => IsProven(node.Inputs[1]!, steps - 1) && IsProven(node.Inputs[2]!, steps - 1),
            "Expand" or "Unsqueeze" or "Squeeze" or "Reshape" or "Transpose" or "Slice" or "Gather" or "Identity" => IsProven(node.Inputs[0]!, steps - 1),
            "Concat" => node.Inputs.All(i => IsProven(i!, steps - 1)),
            _ => false,
        };
    }

    private static bool IsFinite(Tensor constant) => constant.ElementType switch
    {
        ElementType.Float => !constant.Read<float>().Contains(float.NegativeInfinity),
        ElementType.Float16 => !constant.Read<Half>().Contains(Half.NegativeInfinity),
        _ => false,
    };
}
