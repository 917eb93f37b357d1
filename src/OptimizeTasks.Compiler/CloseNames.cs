namespace OptimizeTasks.Compiler;

/// <summary>Names that may have been meant by one that does not exist.</summary>
internal static class CloseNames
{
    private const int Most = 5;

    /// <summary>A few names that have most pairs of letters in common with the wrong one; all where none has many.</summary>
    public static string Sentence(string wrong, IEnumerable<string> names)
    {
        string[] close = [.. names.Select(n => (Name: n, Likeness: Likeness(wrong, n))).Where(n => n.Likeness >= 0.3).OrderByDescending(n => n.Likeness).Take(Most).Select(n => n.Name)];
        return close.Length > 0 ? $"close to it are {string.Join(", ", close)}" : $"the rules are {string.Join(", ", names)}";
    }

    /// <summary>The share of pairs of neighbouring letters that both have, from 0 to 1.</summary>
    private static double Likeness(string a, string b)
    {
        HashSet<string> first = Pairs(a), second = Pairs(b);
        return 2.0 * first.Intersect(second).Count() / Math.Max(first.Count + second.Count, 1);
    }

    private static HashSet<string> Pairs(string name)
    {
        string letters = name.ToUpperInvariant();
        return [.. Enumerable.Range(0, Math.Max(letters.Length - 1, 0)).Select(i => letters.Substring(i, 2))];
    }
}
