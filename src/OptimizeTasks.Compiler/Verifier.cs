using System.Collections.Immutable;
using System.Globalization;
using OptimizeTasks.Compiler.Verification;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler;

/// <summary>
/// Compares two models by running both on the same inputs: the original without graph optimisations, the compiled one as
/// it will be loaded. One of them is in memory at a time.
/// </summary>
/// <remarks>
/// Inputs are drawn in several kinds, the same in every run: real numbers, token numbers below the length of the table they
/// are looked up in, masks of ones, padded and scattered, positions in order and not, several sizes of every symbolic
/// dimension, 1 among them. What the original refuses is not counted. Where the runtime's own optimisations change the
/// original as well, the models are compared without them, and a warning says so. Outputs that depend on random operators, and outputs
/// that are no tensors, are not compared, and a warning names them.
/// </remarks>
/// <param name="runner">Runs the models.</param>
public sealed class Verifier(IModelRunner runner)
{
    /// <summary>Compares two model files.</summary>
    /// <param name="original">The file of the original.</param>
    /// <param name="compiled">The file of the compiled model.</param>
    /// <param name="options">How they are compared.</param>
    /// <param name="history">Where given, a failure names the first pass after which the difference appears.</param>
    /// <param name="cancellationToken">Ends the comparison.</param>
    /// <returns>What was compared. A difference is a result, no exception.</returns>
    /// <exception cref="CompilationException">
    /// ONNX Runtime refuses the original (<see cref="Diagnostics.ModelDoesNotLoad"/>), or dies or hangs of it
    /// (<see cref="Diagnostics.RunnerFailed"/>); or a file cannot be read, or is no model.
    /// </exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public VerificationResult Verify(
        string original, string compiled, VerificationOptions? options = null, PassHistory? history = null, CancellationToken cancellationToken = default)
    {
        options ??= new VerificationOptions();
        var time = new VerificationTime(options.Limits);
        using Model model = ModelFiles.Read(original, cancellationToken: cancellationToken);
        bool isEmulated;
        using (Model other = ModelFiles.Read(compiled, cancellationToken: cancellationToken))
        {
            if (Interfaces.Difference(model.Graph, other.Graph) is { } difference)
                return Failed([], [], Diagnostics.VerificationFailed.Create(difference, original));
            isEmulated = BFloat16Emulation.IsNeeded(other) || BFloat16Emulation.IsNeeded(model);
            options = options with { FixedDimensions = Interfaces.FixedSizes(model.Graph, other.Graph, options.FixedDimensions) };
        }

        ShapeInference.Run(model);
        var notes = new List<string>();
        var references = new OriginalRuns(runner, original, model, options, time).Run(notes, cancellationToken);
        ImmutableArray<Diagnostic> warnings = [.. notes.Select(note => Diagnostics.VerificationSkipped.Create(note, original))];
        if (isEmulated)
            warnings = [.. warnings, Diagnostics.VerificationEmulated.Create("The CPU has no kernels for bfloat16: each node was computed in single precision and rounded", original)];
        if (references.Count == 0)
            return new VerificationResult { Outcome = VerificationOutcome.Skipped, Warnings = warnings };

        double tolerance = Math.Max(options.Tolerance, Precision.Of(model.Graph));
        var runs = new CompiledRuns(runner, new Ties(runner, model, options, time, cancellationToken), SmallestMagnitudes.Of(model.Graph), tolerance, options, time, cancellationToken) { Emulates = isEmulated };
        LoadOptimization level = options.CompiledSettings.Optimization;
        ImmutableArray<VerifiedInput> verified = runs.Compare(compiled, level, references);
        if (verified.All(v => v.Agrees))
            return Passed(verified, warnings);
        if (!time.IsOver && WithoutRuntime(original, compiled, runs, references, verified, level) is { } unoptimized)
            return Passed(unoptimized, [.. warnings, Diagnostics.RuntimeChangesModel.Create(Describe(verified[Worst(verified)], $", and so does the original at the level {level}"), original)]);

        int worst = Worst(verified);
        string? pass = history is null ? null : new PassSearch(history, path => runs.Compare(path, level, [references[worst]])[0].Agrees, time).FirstDifferent();
        string where = pass is null ? "" : $"; the difference appears in the pass {pass}";
        return Failed(verified, warnings, Diagnostics.VerificationFailed.Create(Describe(verified[worst], where), original)) with { FailingPass = pass };
    }

    /// <summary>
    /// The comparison without the runtime's optimisations, if they are to blame: they change the original wherever the
    /// compiled model differs, and without them it differs nowhere. Otherwise null.
    /// </summary>
    private static ImmutableArray<VerifiedInput>? WithoutRuntime(
        string original, string compiled, CompiledRuns runs, IReadOnlyList<ReferenceRun> references, ImmutableArray<VerifiedInput> verified, LoadOptimization level)
    {
        if (level == LoadOptimization.None)
            return null;
        ImmutableArray<VerifiedInput> optimized = runs.Compare(original, level, references);
        if (optimized.Length != verified.Length || optimized.Zip(verified).Any(p => p.First.Agrees && !p.Second.Agrees))
            return null;
        ImmutableArray<VerifiedInput> unoptimized = runs.Compare(compiled, LoadOptimization.None, references);
        return unoptimized.All(v => v.Agrees) ? unoptimized : null;
    }

    /// <summary>The input with the worst failure: a disagreement before any error.</summary>
    private static int Worst(ImmutableArray<VerifiedInput> inputs) =>
        inputs.IndexOf(inputs.FirstOrDefault(v => v.Outputs.Any(o => o.Disagreement is not null)) ?? inputs.MaxBy(v => v.Error)!);

    private static VerificationResult Passed(ImmutableArray<VerifiedInput> inputs, ImmutableArray<Diagnostic> warnings) =>
        new() { Outcome = VerificationOutcome.Passed, Inputs = inputs, Warnings = warnings };

    private static VerificationResult Failed(ImmutableArray<VerifiedInput> inputs, ImmutableArray<Diagnostic> warnings, Diagnostic failure) =>
        new() { Outcome = VerificationOutcome.Failed, Inputs = inputs, Warnings = warnings, Failure = failure };

    private static string Describe(VerifiedInput input, string end)
    {
        OutputComparison output = input.Outputs.First(o => !o.Agrees);
        string how = output.Disagreement ?? string.Create(
            CultureInfo.InvariantCulture, $"error {output.Error:0.0e+0}, tolerance {output.Tolerance:0.0e+0}, largest difference {output.MaximumDifference:g3}");
        return $"The output '{output.Output}' differs ({how}) for the input {input.Kind}{end}";
    }
}
