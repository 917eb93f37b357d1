namespace OptimizeTasks.Runtime.Calling;

/// <summary>The shapes of a call's tensors, inputs first: for each its rank and its dimensions.</summary>
public ref struct ShapeList
{
    /// <summary>The rank of an input that was left out.</summary>
    internal const nint Absent = -1;

    /// <summary>The rank of what a state holds.</summary>
    internal const nint InState = -2;

    private readonly Span<nint> _items;
    private int _count;

    /// <summary>A list in the caller's memory, which has room for a rank and the dimensions of each tensor.</summary>
    public ShapeList(Span<nint> items) => _items = items;

    internal readonly ReadOnlySpan<nint> Items => _items[.._count];

    /// <summary>Adds a tensor of these dimensions.</summary>
    public void Add(ReadOnlySpan<nint> dimensions)
    {
        _items[_count++] = dimensions.Length;
        dimensions.CopyTo(_items[_count..]);
        _count += dimensions.Length;
    }

    /// <summary>Adds a scalar.</summary>
    public void AddScalar() => _items[_count++] = 0;

    /// <summary>Adds an input that may be left out: its dimensions, or nothing if there are none.</summary>
    public void AddOptional(ReadOnlySpan<nint> dimensions)
    {
        if (dimensions.IsEmpty)
            _items[_count++] = Absent;
        else
            Add(dimensions);
    }

    /// <summary>Adds a scalar that may be left out.</summary>
    public void AddOptionalScalar(bool isPresent) => _items[_count++] = isPresent ? 0 : Absent;

    /// <summary>Adds an input or output that is a part of a state.</summary>
    public void AddState() => _items[_count++] = InState;
}
