namespace OptimizeTasks.Tool;

/// <summary>What the process returns.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>Not done: a diagnostic says why.</summary>
    public const int Failure = 1;

    /// <summary>The command line was not understood.</summary>
    public const int Usage = 2;

    /// <summary>Ended by the user (128 + SIGINT, as shells expect).</summary>
    public const int Cancelled = 130;
}
