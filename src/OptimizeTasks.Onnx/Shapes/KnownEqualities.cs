using OptimizeTasks.Onnx.Expressions;

namespace OptimizeTasks.Onnx.Shapes;

/// <summary>
/// Expressions that are equal in every run that succeeds. A causal mask is a table cut to the length of the keys; adding it to
/// the scores shows that the length does not exceed the table, and sizes behind it need not carry the minimum on.
/// </summary>
internal sealed class KnownEqualities
{
    /// <summary>More are not kept: every size is searched for each of them.</summary>
    private const int MaxCount = 32;

    private readonly List<(Atom Cut, Dimension Size)> _equalities = [];

    public int Count => _equalities.Count;

    /// <summary>Learns from one input of a broadcast that came to this result.</summary>
    public void LearnFromBroadcast(Shape? input, Shape result)
    {
        if (input is null || ReferenceEquals(input, result))
            return;
        for (int i = 1; i <= input.Rank; i++)
        {
            Dimension cut = input[^i];
            if (!cut.IsConstant && !cut.Equals(result[^i]) && Choices.IsCut(cut, result[^i]) && _equalities.Count < MaxCount)
                _equalities.Add((cut.TryGetAtom()!, result[^i]));
        }
    }

    public void ForgetFrom(int count) => _equalities.RemoveRange(count, _equalities.Count - count);

    /// <summary>The shape with the simpler of equal expressions.</summary>
    public Shape? Simplify(Shape? shape)
    {
        if (shape is null || _equalities.Count == 0 || shape.All(d => d.Symbol is not null || d.IsConstant))
            return shape;
        return new Shape(shape.Select(d => d.Rewrite(Replacement)));
    }

    private Dimension? Replacement(Atom atom)
    {
        foreach ((Atom cut, Dimension size) in _equalities)
        {
            if (atom is ChoiceAtom && cut.Equals(atom))
                return size;
        }

        return null;
    }
}
