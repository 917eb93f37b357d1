namespace OptimizeTasks.Onnx.Expressions;

/// <summary>How a <see cref="ChoiceAtom"/> chooses one of its operands.</summary>
internal enum Choice
{
    /// <summary>The least.</summary>
    Min,

    /// <summary>The greatest.</summary>
    Max,

    /// <summary>The one that is not 1, as broadcasting does; all others are equal to it.</summary>
    Broadcast,
}

/// <summary>One of several expressions, which of them depends on the symbols. The operands are in order and different.</summary>
internal sealed class ChoiceAtom : Atom
{
    private readonly Dimension[] _operands;
    private readonly int _hash;

    public ChoiceAtom(Choice choice, Dimension[] operands)
    {
        Choice = choice;
        _operands = operands;
        var hash = new HashCode();
        hash.Add(choice);
        foreach (Dimension operand in operands)
            hash.Add(operand);
        _hash = hash.ToHashCode();
        Bounds = FindBounds();
    }

    public Choice Choice { get; }

    public ReadOnlySpan<Dimension> Operands => _operands;

    public override Bounds Bounds { get; }

    public override int Weight => 1 + _operands.Sum(o => o.Weight);

    public override bool IsKnown => _operands.All(o => o.IsKnown);

    protected override int Kind => 3;

    public override long? Evaluate(Func<string, long?> symbols)
    {
        long? result = null;
        foreach (Dimension operand in _operands)
        {
            if (operand.Evaluate(symbols) is not { } value)
                return null;
            result = Choice switch
            {
                Choice.Min => Math.Min(result ?? value, value),
                Choice.Max => Math.Max(result ?? value, value),
                _ => result is null or 1 ? value : result,
            };
        }

        return result;
    }

    public override void CollectSymbols(ISet<string> symbols)
    {
        foreach (Dimension operand in _operands)
            operand.CollectSymbols(symbols);
    }

    public override int GetHashCode() => _hash;

    public override string ToString() => $"{Choice switch { Choice.Min => "min", Choice.Max => "max", _ => "broadcast" }}({string.Join(", ", _operands.AsEnumerable())})";

    protected override Dimension RewriteInside(Func<Atom, Dimension?> replace) =>
        Dimension.Compute(() => Choices.Of(Choice, _operands.Select(o => o.Rewrite(replace))));

    protected override int CompareToSameKind(Atom other)
    {
        var choice = (ChoiceAtom)other;
        int order = Choice.CompareTo(choice.Choice);
        if (order == 0)
            order = _operands.Length.CompareTo(choice._operands.Length);
        for (int i = 0; order == 0 && i < _operands.Length; i++)
            order = _operands[i].CompareTo(choice._operands[i]);
        return order;
    }

    private Bounds FindBounds()
    {
        long?[] mins = [.. _operands.Select(o => o.Bounds.Min)];
        long?[] maxs = [.. _operands.Select(o => o.Bounds.Max)];
        bool allMins = mins.All(m => m is not null);
        bool allMaxs = maxs.All(m => m is not null);
        // Min() and Max() over nullable numbers pass over the bounds that are not known.
        return Choice switch
        {
            Choice.Min => new Bounds(allMins ? mins.Min() : null, maxs.Min()),
            Choice.Max => new Bounds(mins.Max(), allMaxs ? maxs.Max() : null),
            _ => new Bounds(allMins ? Math.Max(0, mins.Min()!.Value) : 0, allMaxs ? maxs.Max() : null),
        };
    }
}
