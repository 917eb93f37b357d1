using System.Globalization;
using System.Text;
using OptimizeTasks.Onnx.Expressions;

namespace OptimizeTasks.Onnx;

/// <summary>
/// One dimension of a shape: a number, a symbol (equal names mean equal sizes), an expression of symbols, or unknown (equal
/// to nothing but itself). Immutable. A symbol is a size: 0 or more. An expression may be any integer; in a shape it is a size.
/// </summary>
/// <remarks>
/// An expression is kept as a polynomial with integer coefficients over symbols, unknowns, rounded quotients, minima, maxima
/// and broadcasts. Polynomials have one form each, so that <c>s + s</c> equals <c>2*s</c> and <c>(s + 1) - 1</c> is <c>s</c>.
/// What exceeds 64 bits becomes unknown, and so does what grows beyond 96 symbols and operations, or 32 if one is unknown.
/// </remarks>
public sealed class Dimension : IEquatable<Dimension>, IComparable<Dimension>
{
    private static readonly Dimension[] s_small = [.. Enumerable.Range(0, 257).Select(i => new Dimension(i, []))];

    private readonly Term[] _terms;

    private Dimension(long constant, Term[] terms)
    {
        ConstantPart = constant;
        _terms = terms;
    }

    /// <summary>Whether the dimension is a number.</summary>
    public bool IsConstant => _terms.Length == 0;

    /// <summary>Whether nothing is known of the dimension.</summary>
    public bool IsUnknown => TryGetAtom() is UnknownAtom;

    /// <summary>Whether the dimension follows from symbols: nothing in it is unknown.</summary>
    public bool IsKnown
    {
        get
        {
            foreach (Term term in _terms)
            {
                foreach (Atom factor in term.Monomial.Factors)
                {
                    if (!factor.IsKnown)
                        return false;
                }
            }

            return true;
        }
    }

    /// <summary>The symbol's name, if the dimension is a plain symbol.</summary>
    public string? Symbol => (TryGetAtom() as SymbolAtom)?.Name;

    /// <summary>The names of the symbols that occur, in ordinal order.</summary>
    public IReadOnlyCollection<string> Symbols
    {
        get
        {
            var symbols = new SortedSet<string>(StringComparer.Ordinal);
            CollectSymbols(symbols);
            return symbols;
        }
    }

    /// <summary>The polynomial's terms but for the constant, in order.</summary>
    internal ReadOnlySpan<Term> Terms => _terms;

    /// <summary>The polynomial's constant.</summary>
    internal long ConstantPart { get; }

    /// <summary>A measure of the expression's size.</summary>
    internal int Weight
    {
        get
        {
            int weight = 1;
            foreach (Term term in _terms)
                weight += 1 + term.Monomial.Weight;
            return weight;
        }
    }

    /// <summary>What bounds of the terms say of the sum.</summary>
    internal Bounds Bounds
    {
        get
        {
            var sum = new Bounds(ConstantPart, ConstantPart);
            foreach (Term term in _terms)
            {
                Bounds product = term.Monomial.Factors[0].Bounds;
                foreach (Atom factor in term.Monomial.Factors[1..])
                    product *= factor.Bounds;
                sum += term.Coefficient * product;
            }

            return sum;
        }
    }

    /// <summary>The sum.</summary>
    public static Dimension operator +(Dimension left, Dimension right) => Compute(() => Polynomials.Add(left, right));

    /// <summary>The difference.</summary>
    public static Dimension operator -(Dimension left, Dimension right) => Compute(() => Polynomials.Add(left, Polynomials.Multiply(right, -1)));

    /// <summary>The negated number.</summary>
    public static Dimension operator -(Dimension value) => Compute(() => Polynomials.Multiply(value, -1));

    /// <summary>The product.</summary>
    public static Dimension operator *(Dimension left, Dimension right) => Compute(() => Polynomials.Multiply(left, right));

    /// <summary>A known size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative.</exception>
    public static Dimension Of(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        return OfInteger(value);
    }

    /// <summary>A size known by name, as ONNX's <c>dim_param</c>.</summary>
    public static Dimension OfSymbol(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Of(new SymbolAtom(name));
    }

    /// <summary>A known integer, such as the −1 in the target of a <c>Reshape</c>.</summary>
    public static Dimension OfInteger(long value) => value is >= 0 and <= 256 ? s_small[value] : new Dimension(value, []);

    /// <summary>A fresh size about which nothing is known.</summary>
    public static Dimension Unknown() => Of(new UnknownAtom(isSize: true));

    /// <summary>The quotient rounded towards negative infinity. The divisor is taken not to be 0.</summary>
    public static Dimension FloorDiv(Dimension dividend, Dimension divisor) => Compute(() => Division.Floor(dividend, divisor));

    /// <summary>The quotient rounded towards positive infinity. The divisor is taken to be 1 or more.</summary>
    public static Dimension CeilDiv(Dimension dividend, Dimension divisor) => FloorDiv(dividend + divisor - Of(1L), divisor);

    /// <summary>The quotient, if the division leaves no remainder whatever the symbols are.</summary>
    public static bool TryDivide(Dimension dividend, Dimension divisor, out Dimension quotient)
    {
        try
        {
            quotient = Polynomials.TryDivide(dividend, divisor)!;
        }
        catch (OverflowException)
        {
            quotient = null!;
        }

        return quotient is not null;
    }

    /// <summary>The lesser of two.</summary>
    public static Dimension Min(Dimension left, Dimension right) => Compute(() => Choices.Of(Choice.Min, left, right));

    /// <summary>The greater of two.</summary>
    public static Dimension Max(Dimension left, Dimension right) => Compute(() => Choices.Of(Choice.Max, left, right));

    /// <summary>The size that two dimensions have together by ONNX's broadcasting: the one that is not 1.</summary>
    public static Dimension Broadcast(Dimension left, Dimension right) => Compute(() => Choices.Of(Choice.Broadcast, left, right));

    /// <summary>The number, if the dimension is one.</summary>
    public bool TryGetValue(out long value)
    {
        value = IsConstant ? ConstantPart : 0;
        return IsConstant;
    }

    /// <summary>Whether the dimension is known to be <paramref name="minimum"/> or more, given that symbols are 0 or more. False means: not known.</summary>
    public bool IsAtLeast(long minimum) => OfInteger(minimum).IsAtMost(this);

    /// <summary>Whether the dimension is known never to exceed the other one. False means: not known.</summary>
    public bool IsAtMost(Dimension other) => Proof.IsNonNegative(other - this);

    /// <summary>The number for these sizes of the symbols; null where one is missing, something is unknown, or 64 bits do not suffice.</summary>
    public long? Evaluate(Func<string, long?> symbols)
    {
        Int128 sum = ConstantPart;
        foreach (Term term in _terms)
        {
            Int128 product = term.Coefficient;
            foreach (Atom factor in term.Monomial.Factors)
            {
                if (factor.Evaluate(symbols) is not { } value)
                    return null;
                product *= value;
                if (product != (long)product)
                    return null;
            }

            sum += product;
        }

        return sum == (long)sum ? (long)sum : null;
    }

    /// <summary>The dimension with symbols replaced; those for which the function returns null stay.</summary>
    public Dimension Substitute(Func<string, Dimension?> symbols) => Symbol is { } name
        ? symbols(name) ?? this
        : Rewrite(atom => atom is SymbolAtom symbol ? symbols(symbol.Name) : null);

    /// <inheritdoc/>
    public bool Equals(Dimension? other) => ReferenceEquals(this, other)
        || (other is not null && ConstantPart == other.ConstantPart && _terms.AsSpan().SequenceEqual(other._terms));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Dimension);

    /// <summary>A total order that is the same in every run, but for unknowns, which stand in the order in which they were made.</summary>
    public int CompareTo(Dimension? other)
    {
        if (other is null)
            return 1;
        int order = other._terms.Length.CompareTo(_terms.Length);
        for (int i = 0; order == 0 && i < _terms.Length; i++)
        {
            order = _terms[i].Monomial.CompareTo(other._terms[i].Monomial);
            if (order == 0)
                order = _terms[i].Coefficient.CompareTo(other._terms[i].Coefficient);
        }

        return order == 0 ? ConstantPart.CompareTo(other.ConstantPart) : order;
    }

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(ConstantPart);
        foreach (Term term in _terms)
            hash.Add(term);
        return hash.ToHashCode();
    }

    /// <summary>The number, the symbol, the expression such as <c>2*floor(h/2) + 1</c>, or <c>?</c> for what is unknown.</summary>
    public override string ToString()
    {
        if (IsConstant)
            return ConstantPart.ToString(CultureInfo.InvariantCulture);
        var text = new StringBuilder();
        foreach (Term term in _terms)
        {
            AppendSign(text, term.Coefficient < 0);
            if (term.Coefficient is not 1 and not -1)
                text.Append(Magnitude(term.Coefficient)).Append('*');
            text.Append(term.Monomial);
        }

        if (ConstantPart != 0)
        {
            AppendSign(text, ConstantPart < 0);
            text.Append(Magnitude(ConstantPart));
        }

        return text.ToString();

        static void AppendSign(StringBuilder text, bool negative) =>
            text.Append(text.Length == 0 ? (negative ? "-" : "") : (negative ? " - " : " + "));

        static string Magnitude(long value) => Int128.Abs(value).ToString(CultureInfo.InvariantCulture);
    }

    /// <exception cref="OverflowException">The atom is too large an expression.</exception>
    internal static Dimension Of(Atom atom) => Polynomials.Create(0, [new Term(1, new Monomial(atom))]);

    /// <summary>The symbol, however long its name.</summary>
    internal static Dimension Of(SymbolAtom symbol) => new(0, [new Term(1, new Monomial(symbol))]);

    internal static Dimension Create(long constant, Term[] terms) => terms.Length == 0 ? OfInteger(constant) : new Dimension(constant, terms);

    /// <summary>A fresh integer, perhaps negative, about which nothing is known.</summary>
    internal static Dimension UnknownInteger() => Of(new UnknownAtom(isSize: false));

    /// <summary>The atom, if the dimension is nothing else.</summary>
    internal Atom? TryGetAtom() => ConstantPart == 0 && _terms is [{ Coefficient: 1, Monomial.Factors: [var atom] }] ? atom : null;

    /// <summary>The dimension with atoms replaced; those for which the function returns null stay.</summary>
    internal Dimension Rewrite(Func<Atom, Dimension?> replace)
    {
        if (IsConstant)
            return this;
        Dimension sum = OfInteger(ConstantPart);
        foreach (Term term in _terms)
        {
            Dimension product = OfInteger(term.Coefficient);
            foreach (Atom factor in term.Monomial.Factors)
                product *= factor.Rewrite(replace);
            sum += product;
        }

        return sum;
    }

    internal void CollectSymbols(ISet<string> symbols)
    {
        foreach (Term term in _terms)
        {
            foreach (Atom factor in term.Monomial.Factors)
                factor.CollectSymbols(symbols);
        }
    }

    /// <summary>The result, or an unknown integer where 64 bits or the limit on expressions do not suffice.</summary>
    internal static Dimension Compute(Func<Dimension> operation)
    {
        try
        {
            return operation();
        }
        catch (OverflowException)
        {
            return UnknownInteger();
        }
    }
}
