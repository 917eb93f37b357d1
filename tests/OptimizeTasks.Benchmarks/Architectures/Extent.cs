using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>One size or index in traced code: a number that the program wrote, or a scalar that the graph computes.</summary>
internal readonly record struct Extent(long Number, Value? Computed)
{
    /// <summary>As far as there is something, as an end that was left out.</summary>
    public static Extent End { get; } = long.MaxValue;

    public static implicit operator Extent(long number) => new(number, null);

    public static implicit operator Extent(Value computed) => new(0, computed);
}
