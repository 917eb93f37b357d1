namespace OptimizeTasks.Compiler;

/// <summary>What one run may take.</summary>
/// <param name="Time">Wall time, loading included.</param>
/// <param name="OutputBytes">Bytes of all outputs together.</param>
public sealed record RunLimits(TimeSpan Time, long OutputBytes)
{
    /// <summary>Five minutes and 2 GB: generous for a real model, and an end for one that hangs.</summary>
    public static RunLimits Default { get; } = new(TimeSpan.FromMinutes(5), int.MaxValue);
}
