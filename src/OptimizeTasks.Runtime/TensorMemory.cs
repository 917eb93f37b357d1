using System.Numerics.Tensors;

namespace OptimizeTasks.Runtime;

/// <summary>Elements of a tensor with their dimensions, outermost first: what a tensor span is, for calls that outlive the stack.</summary>
/// <typeparam name="T">The type of the elements.</typeparam>
public readonly struct TensorMemory<T>
{
    private readonly nint[]? _dimensions;

    /// <summary>A tensor of these elements.</summary>
    /// <exception cref="ArgumentException">The number of elements is not the product of the dimensions.</exception>
    public TensorMemory(ReadOnlyMemory<T> data, params nint[] dimensions)
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        nint length = dimensions.Length == 0 ? 0 : TensorPrimitives.Product<nint>(dimensions);
        if (dimensions.Length == 0 || length != data.Length)
            throw new ArgumentException($"[{string.Join(", ", dimensions)}] needs {length} elements, and there are {data.Length}", nameof(dimensions));
        Data = data;
        _dimensions = [.. dimensions];
    }

    /// <summary>The elements, in row-major order.</summary>
    public ReadOnlyMemory<T> Data { get; }

    /// <summary>The dimensions; none for the default value, which stands for an input left out.</summary>
    public ReadOnlySpan<nint> Dimensions => _dimensions;

    /// <summary>A vector.</summary>
    public static implicit operator TensorMemory<T>(T[] data) => new(data, data.Length);

    /// <summary>The same tensor as a span.</summary>
    public ReadOnlyTensorSpan<T> AsTensorSpan()
    {
        if (_dimensions is null)
            return default;
        // A tensor span refuses dimensions over a span of nothing.
        return Data.IsEmpty ? new(Array.Empty<T>(), _dimensions) : new(Data.Span, _dimensions);
    }
}
