namespace OptimizeTasks.Onnx.Expressions;

/// <summary>Arithmetic on dimensions as polynomials. An <see cref="OverflowException"/> means: beyond 64 bits, or too large an expression.</summary>
internal static class Polynomials
{
    /// <summary>Expressions of a greater weight are given up, so that hostile models cannot grow them without end.</summary>
    public const int MaxWeight = 96;

    /// <summary>The same for expressions in which something is unknown: all that they can show is that two sizes are equal.</summary>
    private const int MaxUnknownWeight = 32;

    public static Dimension Add(Dimension a, Dimension b)
    {
        if (a.Terms.IsEmpty && b.Terms.IsEmpty)
            return Dimension.OfInteger(checked(a.ConstantPart + b.ConstantPart));

        var sum = new List<Term>(a.Terms.Length + b.Terms.Length);
        int i = 0, j = 0;
        while (i < a.Terms.Length || j < b.Terms.Length)
        {
            int order = i == a.Terms.Length ? 1 : j == b.Terms.Length ? -1 : a.Terms[i].Monomial.CompareTo(b.Terms[j].Monomial);
            if (order < 0)
                sum.Add(a.Terms[i++]);
            else if (order > 0)
                sum.Add(b.Terms[j++]);
            else
                AddIfNotZero(sum, checked(a.Terms[i].Coefficient + b.Terms[j++].Coefficient), a.Terms[i++].Monomial);
        }

        return Create(checked(a.ConstantPart + b.ConstantPart), sum);
    }

    public static Dimension Multiply(Dimension a, long factor)
    {
        if (factor == 0)
            return Dimension.Of(0L);
        if (factor == 1)
            return a;
        var product = new List<Term>(a.Terms.Length);
        foreach (Term term in a.Terms)
            product.Add(new Term(checked(term.Coefficient * factor), term.Monomial));
        return Create(checked(a.ConstantPart * factor), product);
    }

    public static Dimension Multiply(Dimension a, Dimension b)
    {
        if (b.TryGetValue(out long factor))
            return Multiply(a, factor);
        if (a.TryGetValue(out factor))
            return Multiply(b, factor);
        if (a.Terms.Length * b.Terms.Length > MaxWeight)
            throw new OverflowException();

        Dimension product = Add(Multiply(a, b.ConstantPart), Multiply(WithoutConstant(b), a.ConstantPart));
        foreach (Term x in a.Terms)
        {
            foreach (Term y in b.Terms)
                product = Add(product, Create(0, [new Term(checked(x.Coefficient * y.Coefficient), x.Monomial * y.Monomial)]));
        }

        return product;
    }

    /// <summary>The quotient, if the division leaves no remainder whatever the symbols are; else null.</summary>
    public static Dimension? TryDivide(Dimension dividend, Dimension divisor)
    {
        if (divisor.Equals(Dimension.Of(0L)))
            return null;
        Dimension quotient = Dimension.Of(0L);
        // Each round removes the leading term of what is left; the limit is against expressions that only cancel slowly.
        for (int round = 0; round < MaxWeight; round++)
        {
            if (dividend.Equals(Dimension.Of(0L)))
                return quotient;
            if (DivideLeadingTerms(dividend, divisor) is not { } part)
                return null;
            quotient = Add(quotient, part);
            dividend = Add(dividend, Multiply(Multiply(part, divisor), -1));
        }

        return null;
    }

    /// <summary>The greatest common divisor of the coefficients and the constant; 0 for the polynomial 0.</summary>
    public static long Content(Dimension a)
    {
        ulong content = Magnitude(a.ConstantPart);
        foreach (Term term in a.Terms)
            content = GreatestCommonDivisor(content, Magnitude(term.Coefficient));
        return checked((long)content);
    }

    /// <summary>The product of the atoms that every term has; null where there is none.</summary>
    public static Monomial? CommonFactor(Dimension a)
    {
        if (a.ConstantPart != 0 || a.Terms.IsEmpty)
            return null;
        Monomial common = a.Terms[0].Monomial;
        foreach (Term term in a.Terms[1..])
            common = common.CommonWith(term.Monomial);
        return common.Factors.IsEmpty ? null : common;
    }

    public static Dimension Create(long constant, List<Term> terms)
    {
        int weight = 0;
        foreach (Term term in terms)
            weight += 1 + term.Monomial.Weight;
        if (weight > MaxWeight)
            throw new OverflowException();
        Dimension result = Dimension.Create(constant, [.. terms]);
        return weight <= MaxUnknownWeight || result.IsKnown ? result : throw new OverflowException();
    }

    public static long GreatestCommonDivisor(long a, long b) => checked((long)GreatestCommonDivisor(Magnitude(a), Magnitude(b)));

    private static ulong GreatestCommonDivisor(ulong a, ulong b)
    {
        while (b != 0)
            (a, b) = (b, a % b);
        return a;
    }

    private static ulong Magnitude(long value) => value < 0 ? unchecked((ulong)-value) : (ulong)value;

    private static Dimension WithoutConstant(Dimension a) => Dimension.Create(0, [.. a.Terms]);

    private static Dimension? DivideLeadingTerms(Dimension dividend, Dimension divisor)
    {
        if (divisor.Terms.IsEmpty)
        {
            // A number divides a polynomial if it divides every coefficient: the constant is the last "leading" one.
            long coefficient = dividend.Terms.IsEmpty ? dividend.ConstantPart : dividend.Terms[0].Coefficient;
            if (coefficient % divisor.ConstantPart != 0)
                return null;
            return dividend.Terms.IsEmpty
                ? Dimension.OfInteger(coefficient / divisor.ConstantPart)
                : Create(0, [new Term(coefficient / divisor.ConstantPart, dividend.Terms[0].Monomial)]);
        }

        if (dividend.Terms.IsEmpty)
            return null;
        Term a = dividend.Terms[0];
        Term b = divisor.Terms[0];
        if (a.Coefficient % b.Coefficient != 0 || a.Monomial.Divide(b.Monomial) is not { } monomial)
            return null;
        return monomial.Factors.IsEmpty
            ? Dimension.OfInteger(a.Coefficient / b.Coefficient)
            : Create(0, [new Term(a.Coefficient / b.Coefficient, monomial)]);
    }

    private static void AddIfNotZero(List<Term> terms, long coefficient, Monomial monomial)
    {
        if (coefficient != 0)
            terms.Add(new Term(coefficient, monomial));
    }
}
