namespace OptimizeTasks.Onnx.Expressions;

/// <summary>Proves that expressions are not negative.</summary>
internal static class Proof
{
    private const int MaxDepth = 3;

    /// <summary>More estimates are not tried.</summary>
    private const int MaxAttempts = 32;

    /// <summary>What all estimates together may weigh, so that large expressions take hardly longer than others: they are seldom proved.</summary>
    private const int MaxWeight = 400;

    /// <summary>Whether the expression is known to be 0 or more. False means: not proved.</summary>
    public static bool IsNonNegative(Dimension expression)
    {
        if (expression.Bounds.Min >= 0)
            return true;
        int attempts = Math.Min(MaxAttempts, MaxWeight / expression.Weight);
        return IsNonNegative(expression, 0, ref attempts);
    }

    private static bool IsNonNegative(Dimension expression, int depth, ref int attempts)
    {
        if (expression.Bounds.Min >= 0)
            return true;
        if (depth == MaxDepth)
            return false;
        foreach (Term term in expression.Terms)
        {
            if (term.Monomial.Factors is not [QuotientAtom or ChoiceAtom])
                continue;
            foreach (Dimension smaller in Smaller(expression, term))
            {
                if (--attempts < 0)
                    return false;
                if (IsNonNegative(smaller, depth + 1, ref attempts))
                    return true;
            }
        }

        return false;
    }

    /// <summary>Expressions that are not negative only if <paramref name="expression"/> is not: one of its terms estimated, the sum scaled.</summary>
    private static IEnumerable<Dimension> Smaller(Dimension expression, Term term)
    {
        Dimension rest = expression - Dimension.Create(0, [term]);
        switch (term.Monomial.Factors[0])
        {
            case QuotientAtom quotient when quotient.Divisor.TryGetValue(out long divisor) && divisor > 0:
                // (a − n + 1)/n ≤ ⌊a/n⌋ ≤ a/n
                Dimension least = term.Coefficient > 0 ? quotient.Dividend - Dimension.OfInteger(divisor - 1) : quotient.Dividend;
                yield return (rest * Dimension.OfInteger(divisor)) + (Dimension.OfInteger(term.Coefficient) * least);
                break;
            case ChoiceAtom choice when choice.Choice == (term.Coefficient < 0 ? Choice.Min : Choice.Max):
                foreach (Dimension operand in choice.Operands.ToArray())
                    yield return rest + (Dimension.OfInteger(term.Coefficient) * operand);
                break;
            default:
                break;
        }
    }
}
