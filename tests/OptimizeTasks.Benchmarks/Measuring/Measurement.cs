namespace OptimizeTasks.Benchmarks.Measuring;

/// <summary>What one run took.</summary>
/// <param name="Time">Wall time.</param>
/// <param name="PeakBytes">The greatest resident set; 0 where it is not known.</param>
/// <param name="ProcessorTime">The time of all processors together; zero where it is not known.</param>
internal sealed record Measurement(TimeSpan Time, long PeakBytes = 0, TimeSpan ProcessorTime = default)
{
    /// <summary>One behind the other.</summary>
    public static Measurement operator +(Measurement first, Measurement second) =>
        new(first.Time + second.Time, Math.Max(first.PeakBytes, second.PeakBytes), first.ProcessorTime + second.ProcessorTime);
}
