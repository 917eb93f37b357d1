namespace OptimizeTasks.Manifest;

/// <summary>What the user promised of an input, so that faster kernels may be used.</summary>
/// <param name="Input">The input's name.</param>
/// <param name="Promise">One of <see cref="RightPadded"/> and <see cref="Consecutive"/>.</param>
public sealed record InputContract(string Input, string Promise)
{
    /// <summary>Every row (last dimension) is ones followed by zeros.</summary>
    public const string RightPadded = "right-padded";

    /// <summary>Every row (last dimension) counts up by one.</summary>
    public const string Consecutive = "consecutive";
}
