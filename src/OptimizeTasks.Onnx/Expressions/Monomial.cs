namespace OptimizeTasks.Onnx.Expressions;

/// <summary>A product of atoms, in order and with repetition. Ordered by degree, highest first, then atom by atom.</summary>
internal sealed class Monomial : IEquatable<Monomial>, IComparable<Monomial>
{
    private readonly Atom[] _factors;
    private readonly int _hash;

    public Monomial(params Atom[] factors)
    {
        _factors = factors;
        var hash = new HashCode();
        foreach (Atom factor in factors)
            hash.Add(factor);
        _hash = hash.ToHashCode();
    }

    public ReadOnlySpan<Atom> Factors => _factors;

    public int Weight => _factors.Sum(f => f.Weight);

    public static Monomial operator *(Monomial a, Monomial b)
    {
        Atom[] factors = [.. a._factors, .. b._factors];
        Array.Sort(factors);
        return new Monomial(factors);
    }

    /// <summary>The monomial that <paramref name="divisor"/> times makes this one, or null.</summary>
    public Monomial? Divide(Monomial divisor)
    {
        var rest = new List<Atom>(_factors);
        foreach (Atom factor in divisor._factors)
        {
            if (!rest.Remove(factor))
                return null;
        }

        return new Monomial([.. rest]);
    }

    /// <summary>The atoms that both have.</summary>
    public Monomial CommonWith(Monomial other)
    {
        var rest = new List<Atom>(other._factors);
        return new Monomial([.. _factors.Where(rest.Remove)]);
    }

    public int CompareTo(Monomial? other)
    {
        if (other is null || _factors.Length != other._factors.Length)
            return other is null ? 1 : other._factors.Length.CompareTo(_factors.Length);
        for (int i = 0; i < _factors.Length; i++)
        {
            int order = _factors[i].CompareTo(other._factors[i]);
            if (order != 0)
                return order;
        }

        return 0;
    }

    public bool Equals(Monomial? other) => other is not null && _hash == other._hash && CompareTo(other) == 0;

    public override bool Equals(object? obj) => Equals(obj as Monomial);

    public override int GetHashCode() => _hash;

    public override string ToString() => string.Join("*", _factors.AsEnumerable());
}

/// <summary>A monomial with its coefficient, which is not 0.</summary>
internal readonly record struct Term(long Coefficient, Monomial Monomial);
