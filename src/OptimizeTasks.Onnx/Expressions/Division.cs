namespace OptimizeTasks.Onnx.Expressions;

/// <summary>Division of polynomials rounded towards negative infinity, brought to a normal form.</summary>
internal static class Division
{
    /// <summary>The quotient of two numbers rounded towards negative infinity. The divisor is not 0.</summary>
    public static long FloorQuotient(long dividend, long divisor)
    {
        (long quotient, long remainder) = Math.DivRem(dividend, divisor);
        return remainder != 0 && (remainder < 0) != (divisor < 0) ? quotient - 1 : quotient;
    }

    public static Dimension Floor(Dimension dividend, Dimension divisor)
    {
        if (!divisor.TryGetValue(out long number))
            return FloorBySymbols(dividend, divisor);
        return number switch
        {
            0 => Dimension.UnknownInteger(),
            < 0 => FloorByNumber(Polynomials.Multiply(dividend, -1), checked(-number)),
            _ => FloorByNumber(dividend, number),
        };
    }

    /// <summary>
    /// Multiples of the divisor leave the quotient: ⌊(4h + 5)/2⌋ = 2h + 2. What is left has coefficients from 0 to
    /// divisor − 1; a common factor is cancelled: ⌊(2h + 1)/4⌋ = ⌊h/2⌋.
    /// </summary>
    private static Dimension FloorByNumber(Dimension dividend, long divisor)
    {
        if (divisor == 1)
            return dividend;

        long whole = FloorQuotient(dividend.ConstantPart, divisor);
        long rest = dividend.ConstantPart - (whole * divisor);
        var wholeTerms = new List<Term>();
        var restTerms = new List<Term>();
        long common = divisor;
        foreach (Term term in dividend.Terms)
        {
            long quotient = FloorQuotient(term.Coefficient, divisor);
            long remainder = term.Coefficient - (quotient * divisor);
            if (quotient != 0)
                wholeTerms.Add(new Term(quotient, term.Monomial));
            if (remainder != 0)
                restTerms.Add(new Term(remainder, term.Monomial));
            common = Polynomials.GreatestCommonDivisor(common, remainder);
        }

        Dimension result = Polynomials.Create(whole, wholeTerms);
        if (restTerms.Count == 0)
            return result;
        Term[] reduced = [.. restTerms.Select(t => new Term(t.Coefficient / common, t.Monomial))];
        return Polynomials.Add(result, Remaining(Dimension.Create(rest / common, reduced), divisor / common));
    }

    /// <summary>⌊(⌊a/m⌋ + c)/n⌋ = ⌊(a + c·m)/(m·n)⌋; and a quotient known to lie between 0 and 1 is 0.</summary>
    private static Dimension Remaining(Dimension dividend, long divisor)
    {
        if (divisor == 1)
            return dividend;
        if (dividend.Terms is [{ Coefficient: 1, Monomial.Factors: [QuotientAtom inner] }] && inner.Divisor.TryGetValue(out long innerDivisor) && innerDivisor > 0)
            return FloorByNumber(Polynomials.Add(inner.Dividend, Dimension.OfInteger(checked(dividend.ConstantPart * innerDivisor))), checked(divisor * innerDivisor));
        Bounds bounds = dividend.Bounds;
        return bounds.Min >= 0 && bounds.Max < divisor
            ? Dimension.Of(0L)
            : Dimension.Of(new QuotientAtom(dividend, Dimension.OfInteger(divisor)));
    }

    private static Dimension FloorBySymbols(Dimension dividend, Dimension divisor)
    {
        if (Polynomials.TryDivide(dividend, divisor) is { } quotient)
            return quotient;

        if (Polynomials.CommonFactor(divisor) is { } factor && Polynomials.CommonFactor(dividend)?.CommonWith(factor) is { Factors.IsEmpty: false } common)
        {
            Dimension shared = Dimension.Create(0, [new Term(1, common)]);
            return Floor(Polynomials.TryDivide(dividend, shared)!, Polynomials.TryDivide(divisor, shared)!);
        }

        var content = Dimension.OfInteger(Polynomials.GreatestCommonDivisor(Polynomials.Content(dividend), Polynomials.Content(divisor)));
        if (content.TryGetValue(out long number) && number > 1)
            return Floor(Polynomials.TryDivide(dividend, content)!, Polynomials.TryDivide(divisor, content)!);
        return Dimension.Of(new QuotientAtom(dividend, divisor));
    }
}
