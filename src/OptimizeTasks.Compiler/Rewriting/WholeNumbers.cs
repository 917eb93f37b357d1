using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting;

/// <summary>Floats that are whole numbers.</summary>
internal static class WholeNumbers
{
    /// <summary>Whether the value is made of integers: cast from them, or subtracted from a whole number.</summary>
    public static bool IsWholeNumber(this Value value) => value.Producer switch
    {
        { Domain.Length: 0, OpType: "Cast", Inputs: [{ } x] } => x.ElementType is not (ElementType.Undefined or ElementType.String) && !x.ElementType.IsFloatingPoint(),
        { Domain.Length: 0, OpType: "Sub", Inputs: [{ } one, { } x] } => one.Scalar() is { } number && number == Math.Round(number) && x.IsWholeNumber(),
        { Domain.Length: 0, OpType: "Unsqueeze" or "Expand" or "Reshape", Inputs: [{ } x, ..] } => x.IsWholeNumber(),
        _ => false,
    };
}
