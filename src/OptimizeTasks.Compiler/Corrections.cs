namespace OptimizeTasks.Compiler;

/// <summary>What makes quantised weights more exact for more time at the build; models run as fast as without.</summary>
[Flags]
public enum Corrections
{
    /// <summary>Scales follow from the furthest numbers, and numbers are rounded to the nearest code.</summary>
    None = 0,

    /// <summary>
    /// The scale of each block is the one, of 22 around that which its furthest number asks for, that causes the least squared
    /// error: a few numbers are clipped, and all others have finer steps.
    /// </summary>
    Clipping = 1,

    /// <summary>All of them.</summary>
    All = Clipping,
}
