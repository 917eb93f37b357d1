using System.Globalization;

namespace OptimizeTasks.Runtime.Shapes;

/// <summary>A sum of products of symbols and integers, as exporters write it: <c>past + sequence</c>, <c>2*batch - 1</c>.</summary>
internal sealed class DimensionExpression
{
    private readonly List<(long Factor, int[] Symbols)> _terms;

    private DimensionExpression(List<(long Factor, int[] Symbols)> terms) => _terms = terms;

    /// <summary>The expression, if it has this form and every name in it is one of these symbols.</summary>
    public static DimensionExpression? TryParse(string text, IReadOnlyDictionary<string, int> symbols)
    {
        var terms = new List<(long, int[])>();
        int sign = 1;
        foreach (string part in SplitSums(text))
        {
            if (part is "+" or "-")
            {
                sign = part == "-" ? -1 : 1;
                continue;
            }

            if (!TryParseProduct(part, symbols, out long factor, out int[] names))
                return null;
            terms.Add((sign * factor, names));
        }

        return terms.Count == 0 ? null : new DimensionExpression(terms);
    }

    /// <summary>The value, or null while a symbol has none or the value leaves 64 bits.</summary>
    public long? Evaluate(ReadOnlySpan<long> values)
    {
        try
        {
            long sum = 0;
            foreach ((long factor, int[] symbols) in _terms)
            {
                long product = factor;
                foreach (int symbol in symbols)
                {
                    if (values[symbol] == ShapeCheck.Unbound)
                        return null;
                    product = checked(product * values[symbol]);
                }

                sum = checked(sum + product);
            }

            return sum;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static bool TryParseProduct(string text, IReadOnlyDictionary<string, int> symbols, out long factor, out int[] names)
    {
        factor = 1;
        var found = new List<int>();
        names = [];
        foreach (string part in text.Split('*', StringSplitOptions.TrimEntries))
        {
            if (long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number <= int.MaxValue && factor <= int.MaxValue)
                factor *= number;
            else if (symbols.TryGetValue(part, out int symbol))
                found.Add(symbol);
            else
                return false;
        }

        names = [.. found];
        return true;
    }

    private static IEnumerable<string> SplitSums(string text)
    {
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('+' or '-'))
                continue;
            if (text.AsSpan(start, i - start).Trim().Length > 0)
                yield return text[start..i].Trim();
            yield return text[i].ToString();
            start = i + 1;
        }

        yield return text[start..].Trim();
    }
}
