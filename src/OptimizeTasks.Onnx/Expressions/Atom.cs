namespace OptimizeTasks.Onnx.Expressions;

/// <summary>A factor that polynomials treat as indivisible. Atoms have a total order, so that a polynomial has one form.</summary>
internal abstract class Atom : IEquatable<Atom>, IComparable<Atom>
{
    /// <summary>What is known of the atom's value wherever the sizes it is made of are sizes.</summary>
    public abstract Bounds Bounds { get; }

    /// <summary>A measure of the size of the expression.</summary>
    public abstract int Weight { get; }

    /// <summary>Whether the value follows from the symbols.</summary>
    public abstract bool IsKnown { get; }

    /// <summary>The place of the kind of atom in the order.</summary>
    protected abstract int Kind { get; }

    /// <summary>The value for these symbols; null where it does not follow from them.</summary>
    public abstract long? Evaluate(Func<string, long?> symbols);

    /// <summary>The atom with atoms replaced, itself or inside; those for which the function returns null stay.</summary>
    public Dimension Rewrite(Func<Atom, Dimension?> replace) => replace(this) ?? RewriteInside(replace);

    /// <summary>Adds the symbols of the atom.</summary>
    public abstract void CollectSymbols(ISet<string> symbols);

    public int CompareTo(Atom? other)
    {
        if (other is null)
            return 1;
        if (ReferenceEquals(this, other))
            return 0;
        return Kind != other.Kind ? Kind.CompareTo(other.Kind) : CompareToSameKind(other);
    }

    public bool Equals(Atom? other) => other is not null && CompareTo(other) == 0;

    public sealed override bool Equals(object? obj) => Equals(obj as Atom);

    public abstract override int GetHashCode();

    /// <summary>The atom with atoms inside it replaced.</summary>
    protected abstract Dimension RewriteInside(Func<Atom, Dimension?> replace);

    /// <summary>The order among atoms of one kind.</summary>
    protected abstract int CompareToSameKind(Atom other);
}
