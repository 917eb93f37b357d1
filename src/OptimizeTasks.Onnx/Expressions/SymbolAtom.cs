namespace OptimizeTasks.Onnx.Expressions;

/// <summary>A size known by name.</summary>
internal sealed class SymbolAtom(string name) : Atom
{
    private const int LengthOfOne = 32;

    private readonly int _hash = string.GetHashCode(name, StringComparison.Ordinal);

    public string Name => name;

    public override Bounds Bounds => Bounds.Size;

    /// <summary>Long names count for more: what is inferred is written with every value.</summary>
    public override int Weight => 1 + (name.Length / LengthOfOne);

    public override bool IsKnown => true;

    protected override int Kind => 0;

    public override long? Evaluate(Func<string, long?> symbols) => symbols(name);

    public override void CollectSymbols(ISet<string> symbols) => symbols.Add(name);

    public override int GetHashCode() => _hash;

    public override string ToString() => name;

    protected override Dimension RewriteInside(Func<Atom, Dimension?> replace) => Dimension.Of(this);

    protected override int CompareToSameKind(Atom other) => string.CompareOrdinal(name, ((SymbolAtom)other).Name);
}
