namespace OptimizeTasks.Compiler.Verification;

/// <summary>What is drawn for integers of which nothing is known: tried in turn until the original runs.</summary>
internal enum IntegerKind
{
    /// <summary>From 0 to 9.</summary>
    Small,

    /// <summary>All 1.</summary>
    One,

    /// <summary>All 0.</summary>
    Zero,

    /// <summary>The length of the other inputs.</summary>
    Length,
}
