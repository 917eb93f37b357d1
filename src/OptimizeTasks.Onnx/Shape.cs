using System.Collections;
using System.Collections.Immutable;

namespace OptimizeTasks.Onnx;

/// <summary>The dimensions of a tensor, outermost first. Immutable, compared by value. A scalar has rank 0.</summary>
public sealed class Shape : IReadOnlyList<Dimension>, IEquatable<Shape>
{
    private readonly ImmutableArray<Dimension> _dimensions;

    /// <summary>A shape of these dimensions.</summary>
    public Shape(params IEnumerable<Dimension> dimensions) => _dimensions = [.. dimensions];

    /// <summary>The shape of a scalar: no dimensions.</summary>
    public static Shape Scalar { get; } = new();

    /// <summary>A shape of known sizes.</summary>
    public static Shape Of(params ReadOnlySpan<long> sizes)
    {
        var dimensions = new Dimension[sizes.Length];
        for (int i = 0; i < sizes.Length; i++)
            dimensions[i] = Dimension.Of(sizes[i]);
        return new Shape(dimensions);
    }

    /// <summary>The number of dimensions.</summary>
    public int Rank => _dimensions.Length;

    /// <inheritdoc/>
    int IReadOnlyCollection<Dimension>.Count => _dimensions.Length;

    /// <inheritdoc/>
    public Dimension this[int index] => _dimensions[index];

    /// <summary>A dimension counted from the front, or with <c>^</c> from the end.</summary>
    public Dimension this[Index index] => _dimensions[index.GetOffset(Rank)];

    /// <summary>Whether every dimension is a number.</summary>
    public bool IsStatic => _dimensions.All(d => d.IsConstant);

    /// <summary>The sizes, if every dimension is a number.</summary>
    public bool TryGetSizes(out long[] sizes)
    {
        sizes = new long[Rank];
        for (int i = 0; i < sizes.Length; i++)
        {
            if (!_dimensions[i].TryGetValue(out sizes[i]))
                return false;
        }

        return true;
    }

    /// <summary>The shape with symbols replaced; those for which the function returns null stay.</summary>
    public Shape Substitute(Func<string, Dimension?> symbols) => new(_dimensions.Select(d => d.Substitute(symbols)));

    /// <inheritdoc/>
    public IEnumerator<Dimension> GetEnumerator() => ((IEnumerable<Dimension>)_dimensions).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(Shape? other) => other is not null && _dimensions.AsSpan().SequenceEqual(other._dimensions.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Shape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (Dimension dimension in _dimensions)
            hash.Add(dimension);
        return hash.ToHashCode();
    }

    /// <summary>For instance <c>[batch, 3, 224, 224]</c>.</summary>
    public override string ToString() => $"[{string.Join(", ", _dimensions)}]";
}
