using System.Diagnostics;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>What is left of the time that one verification takes: a model that hangs must not hold a build run after run.</summary>
/// <param name="limits">What one run may take.</param>
internal sealed class VerificationTime(RunLimits limits)
{
    /// <summary>Loading and running the original, loading and running the compiled model; finding out what differs has what they leave.</summary>
    private const int LongestRuns = 4;

    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>What the next load or run may take.</summary>
    public RunLimits Limits => Within(limits.Time);

    /// <summary>Whether nothing is left.</summary>
    public bool IsOver => IsLimited && Left <= TimeSpan.Zero;

    private bool IsLimited => limits.Time >= TimeSpan.Zero;

    private TimeSpan Left => (limits.Time * LongestRuns) - Stopwatch.GetElapsedTime(_start);

    /// <summary>What the next run may take where this much time is left for its kind.</summary>
    public RunLimits Within(TimeSpan time) => IsLimited ? limits with { Time = Longest(Shortest(time, Left), TimeSpan.FromMilliseconds(1)) } : limits;

    private static TimeSpan Shortest(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Longest(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
