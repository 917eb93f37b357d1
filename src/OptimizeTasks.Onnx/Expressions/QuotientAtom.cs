namespace OptimizeTasks.Onnx.Expressions;

/// <summary>A quotient rounded towards negative infinity that no rule of <see cref="Division"/> could simplify.</summary>
internal sealed class QuotientAtom : Atom
{
    private readonly int _hash;

    public QuotientAtom(Dimension dividend, Dimension divisor)
    {
        Dividend = dividend;
        Divisor = divisor;
        _hash = HashCode.Combine(dividend, divisor);
        Bounds = FindBounds();
    }

    public Dimension Dividend { get; }

    public Dimension Divisor { get; }

    public override Bounds Bounds { get; }

    public override int Weight => 1 + Dividend.Weight + Divisor.Weight;

    public override bool IsKnown => Dividend.IsKnown && Divisor.IsKnown;

    protected override int Kind => 2;

    public override long? Evaluate(Func<string, long?> symbols)
    {
        long? dividend = Dividend.Evaluate(symbols);
        long? divisor = Divisor.Evaluate(symbols);
        return dividend is null || divisor is null or 0 || (dividend == long.MinValue && divisor == -1) ? null : Division.FloorQuotient(dividend.Value, divisor.Value);
    }

    public override void CollectSymbols(ISet<string> symbols)
    {
        Dividend.CollectSymbols(symbols);
        Divisor.CollectSymbols(symbols);
    }

    public override int GetHashCode() => _hash;

    public override string ToString()
    {
        bool isSum = Divisor.Terms.Length + (Divisor.ConstantPart == 0 ? 0 : 1) > 1;
        bool isProduct = Divisor.Terms.Length == 1 && (Divisor.Terms[0].Coefficient != 1 || Divisor.Terms[0].Monomial.Factors.Length > 1);
        string dividend = Dividend.Terms.Length + (Dividend.ConstantPart == 0 ? 0 : 1) > 1 ? $"({Dividend})" : $"{Dividend}";
        return isSum || isProduct ? $"floor({dividend}/({Divisor}))" : $"floor({dividend}/{Divisor})";
    }

    protected override Dimension RewriteInside(Func<Atom, Dimension?> replace) =>
        Dimension.FloorDiv(Dividend.Rewrite(replace), Divisor.Rewrite(replace));

    protected override int CompareToSameKind(Atom other)
    {
        var quotient = (QuotientAtom)other;
        int order = Dividend.CompareTo(quotient.Dividend);
        return order != 0 ? order : Divisor.CompareTo(quotient.Divisor);
    }

    private Bounds FindBounds()
    {
        Bounds dividend = Dividend.Bounds;
        Bounds divisor = Divisor.Bounds;
        if (divisor.Min is not >= 0)
            return Bounds.None;
        // A divisor of 0 has no quotient, so that one that may be 0 counts as 1 or more.
        long least = Math.Max(1, divisor.Min.Value);
        long? min = dividend.Min >= 0
            ? divisor.Max is { } most and > 0 ? dividend.Min / most : 0
            : dividend.Min is { } negative ? Division.FloorQuotient(negative, least) : null;
        long? max = dividend.Max >= 0 ? dividend.Max / least : dividend.Max is null ? null : -1;
        return new Bounds(min, max);
    }
}
