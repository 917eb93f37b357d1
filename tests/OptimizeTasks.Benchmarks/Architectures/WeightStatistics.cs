namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>How the values of one weight are distributed.</summary>
/// <param name="Scale">The logistic distribution's scale; the standard deviation is 1.8 times as large.</param>
/// <param name="Centre">The mean.</param>
/// <param name="Positive">Whether these are the logarithms of the values, as of variances.</param>
internal sealed record WeightStatistics(float Scale, float Centre = 0, bool Positive = false)
{
    /// <summary>Biases, running means, and shifts of normalisation layers.</summary>
    public static WeightStatistics Shift { get; } = new(0.02f);

    /// <summary>Scales of normalisation layers.</summary>
    public static WeightStatistics NormScale { get; } = new(0.05f, Centre: 1);

    /// <summary>Running variances.</summary>
    public static WeightStatistics Variance { get; } = new(0.15f, Positive: true);

    /// <summary>The weights of a layer behind <paramref name="inputs"/> values whose outputs are about as large as its inputs.</summary>
    public static WeightStatistics Of(long inputs, float gain = 1) => new(0.55f * gain / MathF.Sqrt(inputs));
}
