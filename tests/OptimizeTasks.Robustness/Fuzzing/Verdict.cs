namespace OptimizeTasks.Robustness.Fuzzing;

/// <summary>What became of a damaged model.</summary>
/// <param name="Refusal">The code of the diagnostic that refused it, or null.</param>
/// <param name="Finding">What is wrong with how it was treated, first line first, or null.</param>
internal sealed record Verdict(string? Refusal, string? Finding)
{
    public static Verdict Compiled { get; } = new(null, null);

    /// <summary>What stays the same while an input is made smaller: the kind of the failure and where it happened.</summary>
    public string? Signature => Finding is null ? null : string.Join('\n', Finding.Split('\n').Select(l => l.Trim()).Where((l, i) => i == 0 || l.StartsWith("at ", StringComparison.Ordinal)).Take(3).Select((l, i) => i == 0 ? l.Split(':')[0] : l));
}
