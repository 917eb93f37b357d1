namespace OptimizeTasks.Compiler.Planning;

/// <summary>
/// What channels of activations are divided by, and the weights behind them multiplied with, so that activations and weights
/// share what makes rounding hard: max|X|^α / max|W|^(1−α) for each channel.
/// </summary>
internal static class Smoothing
{
    /// <summary>Beyond that, one of both would be next to zero.</summary>
    private const int GreatestExponent = 10;

    /// <summary>The α that are tried; 0 gives all to the activations, 1 to the weights.</summary>
    public static IReadOnlyList<double> Tried { get; } = [0, 0.25, 0.5, 0.75, 1];

    /// <summary>
    /// The factors, relative to the middle one: scales follow them. Powers of two, so that nothing is rounded and the model in
    /// floating point stays exactly what it was.
    /// </summary>
    /// <param name="activations">The greatest magnitude of each channel of the activations.</param>
    /// <param name="weights">That of the weights.</param>
    /// <param name="alpha">The exponent, from 0 to 1.</param>
    public static double[] Factors(IReadOnlyList<float> activations, IReadOnlyList<float> weights, double alpha)
    {
        double?[] exponents = [.. activations.Zip(weights, (x, w) =>
            x > 0 && w > 0 && float.IsFinite(x) && float.IsFinite(w) ? (alpha * Math.Log2(x)) - ((1 - alpha) * Math.Log2(w)) : (double?)null)];
        double[] known = [.. exponents.OfType<double>().Order()];
        double middle = known.Length == 0 ? 0 : known[known.Length / 2];
        return Array.ConvertAll(exponents, e => Math.ScaleB(1, (int)Math.Clamp(Math.Round((e ?? middle) - middle), -GreatestExponent, GreatestExponent)));
    }
}
