namespace OptimizeTasks.Compiler.Planning;

/// <summary>What each channel between two layers is divided by in the first and multiplied with in the second.</summary>
internal static class Equalization
{
    /// <summary>Beyond that, one of the layers would be next to zero.</summary>
    private const int GreatestExponent = 10;

    /// <summary>
    /// √(first / second) for each channel, so that both have the same range, relative to the middle one of all channels. Powers
    /// of two, so that nothing is rounded and the model in floating point stays exactly what it was. Null where all are 1.
    /// </summary>
    /// <param name="first">The greatest magnitude of each channel in the first layer.</param>
    /// <param name="second">That in the second.</param>
    /// <param name="cut">What cuts the channels between the layers: those that get to its limit stay; null for nothing.</param>
    public static double[]? Factors(IReadOnlyList<float> first, IReadOnlyList<float> second, ChannelCut? cut = null)
    {
        var exponents = new int?[first.Count];
        for (int i = 0; i < exponents.Length; i++)
            exponents[i] = Exponent(first[i], second[i]);
        bool[] stays = [.. Enumerable.Range(0, exponents.Length).Select(i => cut?.Reaches(i) ?? false)];
        int[] known = [.. exponents.Where((_, i) => stays[i] == stays.Contains(true)).OfType<int>().Order()];
        if (known.Length == 0)
            return null;
        int middle = known[known.Length / 2];
        double[] factors = [.. exponents.Select((e, i) => stays[i] ? 1 : Math.ScaleB(1, Math.Clamp(Math.Max((e ?? middle) - middle, cut?.LeastExponent(i) ?? int.MinValue), -GreatestExponent, GreatestExponent)))];
        return Array.TrueForAll(factors, f => f == 1) ? null : factors;
    }

    /// <summary>Channels that nobody uses have no range.</summary>
    private static int? Exponent(float first, float second) =>
        first > 0 && second > 0 && float.IsFinite(first) && float.IsFinite(second) ? (int)Math.Round(0.5 * (Math.Log2(first) - Math.Log2(second))) : null;
}
