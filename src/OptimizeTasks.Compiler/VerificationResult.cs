using System.Collections.Immutable;

namespace OptimizeTasks.Compiler;

/// <summary>What the comparison of two models found.</summary>
public sealed record VerificationResult
{
    /// <summary>Whether the models agree.</summary>
    public required VerificationOutcome Outcome { get; init; }

    /// <summary>Every set of inputs that was run, with its outputs.</summary>
    public ImmutableArray<VerifiedInput> Inputs { get; init; } = [];

    /// <summary>What was left out of the comparison and why (<see cref="Diagnostics.VerificationSkipped"/>).</summary>
    public ImmutableArray<Diagnostic> Warnings { get; init; } = [];

    /// <summary>Why the verification failed (<see cref="Diagnostics.VerificationFailed"/>), or null.</summary>
    public Diagnostic? Failure { get; init; }

    /// <summary>The comparison that is farthest from what is accepted, or null where there is none.</summary>
    public OutputComparison? Worst => Inputs.SelectMany(i => i.Outputs).MaxBy(o => o.Disagreement is null ? o.Error / o.Tolerance : double.PositiveInfinity);

    /// <summary>The greatest relative error.</summary>
    public double Error => Inputs.SelectMany(i => i.Outputs).Select(o => o.Error).DefaultIfEmpty().Max();

    /// <summary>The largest absolute difference.</summary>
    public double MaximumDifference => Inputs.SelectMany(i => i.Outputs).Select(o => o.MaximumDifference).DefaultIfEmpty().Max();

    /// <summary>The first pass after which the difference appears; null if it was not looked for, or if no pass is to blame.</summary>
    public string? FailingPass { get; init; }

    /// <summary>This comparison and another one of the same models, on other inputs.</summary>
    public VerificationResult With(VerificationResult other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return this with
        {
            Outcome = other.Outcome == VerificationOutcome.Passed ? Outcome : other.Outcome,
            Inputs = Inputs.AddRange(other.Inputs),
            Warnings = Warnings.AddRange(other.Warnings),
            Failure = Failure ?? other.Failure,
            FailingPass = FailingPass ?? other.FailingPass,
        };
    }

    internal static VerificationResult Skipped(IEnumerable<Diagnostic> warnings) => new() { Outcome = VerificationOutcome.Skipped, Warnings = [.. warnings] };
}
