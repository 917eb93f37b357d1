namespace OptimizeTasks.Compiler;

/// <summary>How much the compiler changes.</summary>
public enum OptimizationLevel
{
    /// <summary>Nothing but what the other options ask for.</summary>
    None,

    /// <summary>Simplify.</summary>
    Basic,

    /// <summary>Everything.</summary>
    Full,
}
