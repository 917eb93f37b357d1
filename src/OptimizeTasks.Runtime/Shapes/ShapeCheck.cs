using System.Globalization;

namespace OptimizeTasks.Runtime.Shapes;

/// <summary>Checks the shapes of one call: sizes, ranks, and that equal symbols agree.</summary>
internal sealed class ShapeCheck
{
    public const long Unbound = -1;

    private readonly ShapeRules _rules;
    private readonly long[] _values;
    private readonly ValueRule?[] _givenBy;
    private readonly List<(ValueRule Rule, int Dimension, long Size)> _expressions = [];

    public ShapeCheck(ShapeRules rules)
    {
        _rules = rules;
        _values = new long[rules.SymbolCount];
        _givenBy = new ValueRule[rules.SymbolCount];
        Array.Fill(_values, Unbound);
    }

    /// <summary>Checks the shapes of a whole call. Allocates nothing where they are right.</summary>
    /// <exception cref="ArgumentException">A shape breaks a rule.</exception>
    public void CheckAll(ReadOnlySpan<nint> shapes)
    {
        Reset();
        foreach (ValueRule rule in _rules.Inputs)
            shapes = AddFirst(rule, shapes);
        foreach (ValueRule rule in _rules.Outputs)
            shapes = AddFirst(rule, shapes);
        Complete();
    }

    /// <summary>The size of a symbol in the shapes that were checked last; <see cref="Unbound"/> where none of them says it.</summary>
    public long SizeOf(int symbol) => _values[symbol];

    /// <summary>Checks one value's shape as far as it is possible before the others are known.</summary>
    public void Add(ValueRule rule, ReadOnlySpan<nint> shape)
    {
        if (rule.Dimensions is not { } dimensions)
            return;
        if (dimensions.Length != shape.Length)
            throw new ArgumentException($"{rule.Value.Name} has {shape.Length} dimensions {Text(shape)}, expected {rule.Value.Type}", rule.Value.Member);
        for (int i = 0; i < dimensions.Length; i++)
            CheckDimension(rule, i, dimensions[i], shape[i]);
    }

    /// <summary>Checks what needed all shapes.</summary>
    public void Complete()
    {
        foreach ((ValueRule rule, int dimension, long size) in _expressions)
        {
            DimensionRule expected = rule.Dimensions![dimension];
            if (expected.Expression!.Evaluate(_values) is { } value && value != size)
                throw Wrong(rule, dimension, size, Number(value));
        }
    }

    private void Reset()
    {
        Array.Fill(_values, Unbound);
        Array.Clear(_givenBy);
        _expressions.Clear();
    }

    /// <summary>Checks the first shape of the list, and returns the others.</summary>
    private ReadOnlySpan<nint> AddFirst(ValueRule rule, ReadOnlySpan<nint> shapes)
    {
        int rank = (int)shapes[0];
        if (rank < 0)
            return shapes[1..];
        Add(rule, shapes.Slice(1, rank));
        return shapes[(1 + rank)..];
    }

    private void CheckDimension(ValueRule rule, int dimension, DimensionRule expected, long size)
    {
        if (expected.Size is { } fixedSize && fixedSize != size)
            throw Wrong(rule, dimension, size, Number(fixedSize));
        if (expected.Expression is not null)
            _expressions.Add((rule, dimension, size));
        if (!expected.IsSymbol)
            return;
        long known = _values[expected.Symbol];
        if (known == Unbound)
            (_values[expected.Symbol], _givenBy[expected.Symbol]) = (size, rule);
        else if (known != size)
            throw Wrong(rule, dimension, size, $"{Number(known)} as in {_givenBy[expected.Symbol]!.Value.Name}");
    }

    private static ArgumentException Wrong(ValueRule rule, int dimension, long size, string expected)
    {
        string name = rule.Dimensions![dimension].Text is { } text ? $" ({text})" : "";
        return new ArgumentException($"{rule.Value.Name}: dimension {dimension}{name} is {Number(size)}, expected {expected}; the model takes {rule.Value.Type}", rule.Value.Member);
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(ReadOnlySpan<nint> shape) => $"[{string.Join(", ", shape.ToArray())}]";
}
