namespace OptimizeTasks.Manifest;

/// <summary>
/// What compiled models and generated classes expect of the library that runs them. The number grows when they begin to
/// expect something that an older library does not do.
/// </summary>
public static class RuntimeContract
{
    /// <summary>The contract that this version of the build writes, and the newest that this version of the library keeps.</summary>
    public const int Version = 1;
}
