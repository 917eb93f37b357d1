namespace OptimizeTasks.Onnx.Expressions;

/// <summary>A number of which nothing is known but that it is itself; and, if it is a size, that it is not negative.</summary>
internal sealed class UnknownAtom(bool isSize) : Atom
{
    private static long s_last;

    private readonly long _number = Interlocked.Increment(ref s_last);

    public override Bounds Bounds => isSize ? Bounds.Size : Bounds.None;

    public override int Weight => 1;

    public override bool IsKnown => false;

    protected override int Kind => 1;

    public override long? Evaluate(Func<string, long?> symbols) => null;

    public override void CollectSymbols(ISet<string> symbols)
    {
    }

    public override int GetHashCode() => _number.GetHashCode();

    public override string ToString() => "?";

    protected override Dimension RewriteInside(Func<Atom, Dimension?> replace) => Dimension.Of(this);

    protected override int CompareToSameKind(Atom other) => _number.CompareTo(((UnknownAtom)other)._number);
}
