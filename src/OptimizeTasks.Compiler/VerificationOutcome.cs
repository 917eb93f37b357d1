namespace OptimizeTasks.Compiler;

/// <summary>What came of a verification.</summary>
public enum VerificationOutcome
{
    /// <summary>Every compared output agrees.</summary>
    Passed,

    /// <summary>Something differs, or the compiled model does not run where the original does.</summary>
    Failed,

    /// <summary>Nothing could be compared; a warning says why.</summary>
    Skipped,
}
