using OptimizeTasks.Compiler.Verification;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Metrics;

/// <summary>The rows of an output along its last axis, such as the scores of the classes for each element of a batch.</summary>
internal sealed class Rows
{
    private readonly double[] _numbers;

    private Rows(double[] numbers, int length)
    {
        _numbers = numbers;
        Length = length;
    }

    /// <summary>The length of a row.</summary>
    public int Length { get; }

    /// <summary>The number of rows.</summary>
    public int Count => _numbers.Length / Length;

    /// <summary>A row.</summary>
    public ReadOnlySpan<double> this[int row] => _numbers.AsSpan(row * Length, Length);

    /// <summary>All numbers.</summary>
    public ReadOnlySpan<double> Numbers => _numbers;

    /// <summary>Whether an output has rows of several floating-point numbers.</summary>
    public static bool Has(Tensor tensor) => IsReal(tensor) && tensor is { Rank: > 0, ElementCount: > 0 } && tensor.Dimensions[^1] > 1;

    /// <summary>Whether an output has such rows, though there may be none in this run.</summary>
    public static bool CanHave(Tensor tensor) => IsReal(tensor) && tensor.Rank > 0 && tensor.Dimensions[^1] > 1;

    /// <summary>Whether an output has floating-point numbers.</summary>
    public static bool IsReal(Tensor tensor) => tensor.ElementType is ElementType.Float or ElementType.Double or ElementType.Float16 or ElementType.BFloat16;

    /// <summary>The rows of an output; null where it has another shape than expected.</summary>
    public static Rows? Of(Tensor tensor, Tensor expected) =>
        tensor.ElementType == expected.ElementType && tensor.Dimensions.SequenceEqual(expected.Dimensions) ? Of(tensor) : null;

    /// <summary>The rows of an output of floating-point numbers.</summary>
    public static Rows Of(Tensor tensor) => new(
        tensor.ElementType switch
        {
            ElementType.Float => Array.ConvertAll(tensor.Read<float>().ToArray(), n => (double)n),
            ElementType.Double => tensor.Read<double>().ToArray(),
            ElementType.Float16 => Array.ConvertAll(tensor.Read<Half>().ToArray(), n => (double)n),
            _ => Array.ConvertAll(OutputComparer.WidenBFloat16(tensor), n => (double)n),
        },
        (int)(tensor.Rank == 0 ? 1 : Math.Max(1, tensor.Dimensions[^1])));

    /// <summary>Where the greatest number of a row stands, the first of equal ones; −1 where one is NaN.</summary>
    public int Greatest(int row)
    {
        ReadOnlySpan<double> numbers = this[row];
        int greatest = 0;
        for (int i = 0; i < numbers.Length; i++)
        {
            if (double.IsNaN(numbers[i]))
                return -1;
            if (numbers[i] > numbers[greatest])
                greatest = i;
        }

        return greatest;
    }
}
