using OptimizeTasks.Compiler.Exporting;
using OptimizeTasks.Compiler.Searching;
using OptimizeTasks.Compiler.Verification;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler;

/// <summary>
/// Finds the fastest plan within an error budget by measuring: what each layer costs and gains in each format, which
/// assignment promises to be fastest, and what the compiled model then really does on samples that had no part in it.
/// </summary>
/// <param name="options">What is asked for beside the plan; <see cref="CompilerOptions.AccuracyBudget"/> is the budget.</param>
/// <param name="runner">Runs models.</param>
/// <param name="timer">Times models; null where this machine cannot time the provider: the smallest model is searched then.</param>
/// <param name="progress">Receives what is being done.</param>
public sealed class PlanSearch(CompilerOptions options, IModelRunner runner, IModelTimer? timer = null, IProgress<CompilationProgress>? progress = null)
{
    /// <summary>The budget where the user names none.</summary>
    public const double DefaultBudget = 0.01;

    /// <summary>Every candidate is calibrated anew.</summary>
    private const int MostCalibrating = 64;

    private double Budget => options.AccuracyBudget ?? DefaultBudget;

    /// <summary>What candidates are calibrated on, of all samples. A compilation that does the same gives the candidate.</summary>
    public static ISampleSource CalibrationOf(ISampleSource samples) => new FirstSamples(SampleSplit.Calibration(samples), MostCalibrating);

    /// <summary>Searches.</summary>
    /// <param name="path">The model.</param>
    /// <param name="samples">What it is judged on: every fifth sample is held out, and decides.</param>
    /// <param name="folder">A folder for the models that are tried; they are left there.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="CompilationException">The model cannot be compiled, does not run on the samples, or there are none.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public PlanSearchResult Run(string path, ISampleSource samples, string folder, CancellationToken cancellationToken = default)
    {
        FormatSearch search = Prepare(path, samples, folder, cancellationToken);
        Candidate chosen = search.Run();
        return new PlanSearchResult
        {
            Plan = Reasons.AddTo(chosen.Plan, search.Sensitivities),
            Chosen = chosen.Describe(Budget),
            Candidates = [.. search.Candidates.Select(candidate => candidate.Describe(Budget))],
            Layers = [.. search.Sensitivities],
            Budget = Budget,
            Samples = samples.Description,
        };
    }

    /// <summary>Finds out why a plan costs more than was allowed.</summary>
    /// <param name="path">The model.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="samples">What it is judged on.</param>
    /// <param name="folder">A folder for the models that are tried; they are left there.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="CompilationException">The model does not run on the samples, or there are none.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public BudgetReport Explain(string path, CompressionPlan plan, ISampleSource samples, string folder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        FormatSearch search = Prepare(path, samples, folder, cancellationToken);
        return new BudgetReport(
            [.. search.Modes().OrderBy(mode => mode.Error).Select(mode => mode.Describe(Budget))],
            [.. search.Worst(plan)]);
    }

    private FormatSearch Prepare(string path, ISampleSource samples, string folder, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(samples);
        Report("running the original", 0);
        using EmulatedModel? emulation = EmulatedModel.Of(path, cancellationToken);
        SampleRuns runs = RunOriginal(path, emulation, samples, cancellationToken);
        SampleRun first = runs.Judging[0];
        // Samples that were drawn have odd sizes, to find mistakes.
        IReadOnlyDictionary<string, Tensor> typical = samples.IsSynthetic ? TypicalInputs.Draw(path, options.FixedDimensions, runner, cancellationToken).Values : first.Sample.Inputs;
        // What the CPU has no kernels for cannot be timed on it.
        bool emulates = options.Precision == ComputePrecision.BFloat16 || emulation is not null;
        var meter = new CandidateMeter(runner, emulates ? null : timer, emulates, typical, [.. first.Outputs.Keys], RunLimits.Default, cancellationToken);
        var models = new CandidateModels(options with { Samples = CalibrationOf(samples) }, runner, path, folder, cancellationToken);
        return new FormatSearch(models, meter, runs, options.Metric ?? Metric.RelativeL2, Budget, Report);
    }

    private SampleRuns RunOriginal(string path, EmulatedModel? emulation, ISampleSource samples, CancellationToken cancellationToken)
    {
        using Model model = ModelFiles.Read(path, cancellationToken: cancellationToken);
        IReadOnlyList<string> outputs = ComparableOutputs.Of(model.Graph, []);
        if (outputs.Count == 0)
            throw new CompilationException(Diagnostics.InvalidInputs.Create("The model has no output that could be compared", path));
        try
        {
            using IModelSession session = runner.Load(emulation?.Path ?? path, SessionSettings.Unoptimized with { Threads = 0 }, RunLimits.Default, cancellationToken);
            return SampleRuns.Read(samples, ExternalWeights.CountBytes(model.Graph), session, outputs, RunLimits.Default, cancellationToken);
        }
        catch (ModelRunException e)
        {
            throw e.ToCompilationException(path);
        }
    }

    private void Report(string what, double share) => progress?.Report(new CompilationProgress($"Auto: {what}", share));
}
