using System.Collections.Immutable;

namespace OptimizeTasks.Onnx;

/// <summary>A constant of which only the elements that are not zero are stored. Immutable.</summary>
public sealed class SparseTensor(Tensor values, Tensor indices, ImmutableArray<long> dimensions)
{
    /// <summary>The stored elements, [count].</summary>
    public Tensor Values => values;

    /// <summary>Where they stand: linear indices [count], or coordinates [count, rank].</summary>
    public Tensor Indices => indices;

    /// <summary>The sizes of the dense tensor.</summary>
    public ImmutableArray<long> Dimensions => dimensions;

    internal string? ValuesName { get; init; }

    internal string? IndicesName { get; init; }
}
