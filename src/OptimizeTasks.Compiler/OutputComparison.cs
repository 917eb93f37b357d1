using OptimizeTasks.Compiler.Verification;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler;

/// <summary>One output of two models, compared on one input.</summary>
/// <param name="Output">The output's name.</param>
/// <param name="Error">
/// The relative error ‖a−b‖ / max(‖a‖, ε√n) over the n values that are finite in the original a, where ε = 1e-6; positive
/// infinity where the outputs disagree in another way.
/// </param>
/// <param name="MaximumDifference">The largest absolute difference of two finite values.</param>
/// <param name="Tolerance">The greatest error that is accepted for this output.</param>
/// <param name="Disagreement">
/// What differs besides the error, or null: type, shape, NaN or infinities, integers, truth values, texts.
/// </param>
public sealed record OutputComparison(string Output, double Error, double MaximumDifference, double Tolerance, string? Disagreement = null)
{
    /// <summary>Whether the outputs agree.</summary>
    public bool Agrees => Disagreement is null && Error <= Tolerance;

    /// <summary>Compares tensors that two models gave for one output.</summary>
    /// <param name="output">The output's name.</param>
    /// <param name="expected">What the model gave that is right.</param>
    /// <param name="actual">What the other gave.</param>
    /// <param name="tolerance">The greatest error that is accepted.</param>
    public static OutputComparison Between(string output, Tensor expected, Tensor actual, double tolerance)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(actual);
        return OutputComparer.Compare(output, expected, actual, tolerance);
    }
}
