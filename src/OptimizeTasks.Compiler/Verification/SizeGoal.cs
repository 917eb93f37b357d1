namespace OptimizeTasks.Compiler.Verification;

/// <summary>The sizes that one set of inputs is to have, by what the dimensions are.</summary>
/// <param name="Batch">Batch dimensions.</param>
/// <param name="Length">Which length sequences have.</param>
/// <param name="Past">The length of what came before.</param>
/// <param name="One">The symbol whose size is to be 1, or null.</param>
internal sealed record SizeGoal(long Batch, LengthGoal Length, long Past, string? One = null)
{
    public static SizeGoal Usual { get; } = new(2, LengthGoal.Usual, 5);

    public static SizeGoal Ones { get; } = new(1, LengthGoal.One, 1);

    public static SizeGoal Larger { get; } = new(3, LengthGoal.Larger, 0);

    /// <summary>What a call mostly has: for measuring.</summary>
    public static SizeGoal Typical { get; } = new(1, LengthGoal.Typical, 0);

    public static SizeGoal Step { get; } = new(2, LengthGoal.One, 11);
}

internal enum LengthGoal
{
    One,
    Usual,
    Larger,

    /// <summary>As long as a call's inputs mostly are; other lengths where the model refuses that.</summary>
    Typical,
}
