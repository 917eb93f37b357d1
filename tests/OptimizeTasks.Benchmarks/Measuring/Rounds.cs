namespace OptimizeTasks.Benchmarks.Measuring;

/// <summary>Runs contenders in turn, round by round, so that a machine whose speed drifts drifts for all.</summary>
internal static class Rounds
{
    /// <summary>The measurements of each contender after one round that is not counted.</summary>
    public static Measurement[][] Run(int rounds, params IReadOnlyList<Func<Measurement>> contenders)
    {
        var results = contenders.Select(_ => new Measurement[rounds]).ToArray();
        for (int round = -1; round < rounds; round++)
        {
            for (int i = 0; i < contenders.Count; i++)
            {
                Measurement measurement = contenders[i]();
                if (round >= 0)
                    results[i][round] = measurement;
            }
        }

        return results;
    }

    /// <summary>The least time, in seconds.</summary>
    public static double Minimum(this IEnumerable<Measurement> measurements) => measurements.Min(m => m.Time.TotalSeconds);

    /// <summary>The median time, in seconds.</summary>
    public static double Median(this IEnumerable<Measurement> measurements) => Median(measurements.Select(m => m.Time.TotalSeconds));

    /// <summary>The median.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
