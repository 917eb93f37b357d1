using System.Diagnostics;
using System.Globalization;
using OptimizeTasks.Compiler;
using OptimizeTasks.Execution;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using OptimizeTasks.Tool.Caching;
using OptimizeTasks.Tool.Reporting;
using OptimizeTasks.Tool.Samples;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>
/// Compiles one model from file to files: read, compile, write, compare with the original, and only then put everything in
/// its place. Whatever goes wrong leaves the destination as it was.
/// </summary>
internal sealed class ModelCompilation
{
    /// <summary>The largest model that is verified without being asked for: verification loads the original and the result.</summary>
    private const long LargestVerified = 1_000_000_000;

    private readonly CompilationRequest _request;
    private readonly DiagnosticLog _log;
    private readonly IProgress<CompilationProgress> _progress;
    private readonly OnnxRuntimeRunner _runner;
    private readonly CancellationToken _cancellationToken;
    private readonly List<Diagnostic> _warnings = [];
    private readonly SampleFiles? _sampleFiles;
    private ISampleSource? _samples;
    private CompiledModel? _manifest;
    private PlanSearchResult? _search;

    private ModelCompilation(CompilationRequest request, DiagnosticLog log, IProgress<CompilationProgress> progress, OnnxRuntimeRunner runner, CancellationToken cancellationToken)
    {
        _request = request;
        _log = log;
        _progress = progress;
        _runner = runner;
        _cancellationToken = cancellationToken;
        _sampleFiles = SampleFiles.Find(request.Settings.CalibrationData);
    }

    /// <summary>What the compiler is asked for; the plan that was searched decides instead of the mode, and holds the budget on samples.</summary>
    private CompilerOptions Options => _search is null ? Given : Given with { Quantization = QuantizationMode.None, Plan = _search.Plan.Quantizes ? _search.Plan : null, AccuracyBudget = null };

    private CompilerOptions Given => _request.Settings.Compiler with { Samples = _samples };

    /// <summary>Compiles one model.</summary>
    /// <param name="request">What to compile.</param>
    /// <param name="log">Receives warnings.</param>
    /// <param name="progress">Receives what is being done.</param>
    /// <param name="cancellationToken">Ends the compilation.</param>
    /// <exception cref="CompilationException">There is no result; the diagnostic says why.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static CompilationOutput Run(CompilationRequest request, DiagnosticLog log, IProgress<CompilationProgress> progress, CancellationToken cancellationToken)
    {
        // Its process starts when the first model is to be run.
        using var runner = new OnnxRuntimeRunner(WorkerCommand.Self("worker"));
        return new ModelCompilation(request, log, progress, runner, cancellationToken).Run();
    }

    private CompilationOutput Run()
    {
        long start = Stopwatch.GetTimestamp();
        _progress.Report(new CompilationProgress("Reading", 0));
        ClassGeneration? generation = _request.SourcePath is { } path ? new ClassGeneration(_request.Settings, _request.DisplayPath, path) : null;
        MemoryLimit.Set(_request.ModelPath);
        using Model model = ModelFiles.Read(_request.ModelPath, _request.DisplayPath, _cancellationToken);
        OutputPaths.Check(model, [.. Outputs()], inPlace: true);
        var source = new SourceFiles(model);
        MemoryLimit.Set(source.Bytes);
        using var staging = new StagingFolder(Path.GetDirectoryName(Path.GetFullPath(_request.OutputPath))!);
        var target = new CompiledFiles(staging, _request.OutputPath);
        Signature signature = ModelSignature.Of(model, Options, _request.DisplayPath);
        _samples = _sampleFiles?.Open(signature, _request.Settings.Label, _request.DisplayPath, _cancellationToken);

        (CompilationReport report, bool isCached) = RestoreOrCompile(model, source, signature, target);
        _cancellationToken.ThrowIfCancellationRequested();
        TimeSpan duration = Stopwatch.GetElapsedTime(start);

        var files = new List<OutputFile>(source.DataFiles.Select(path => new OutputFile("input", path)));
        if (generation is not null)
            files.Add(generation.Write(signature));
        files.AddRange((_sampleFiles?.Paths ?? []).Select(path => new OutputFile("input", path)));
        if (_request.Settings.PlanPath is { } givenPlan)
            files.Add(new OutputFile("input", Path.GetFullPath(givenPlan)));
        if (_request.PlanPath is { } planPath)
            Writing.TextIfDifferent(planPath, (report.Plan ?? new CompressionPlan { Nodes = [] }).ToJson());
        if (_request.ReportPath is { } reportPath)
        {
            report = report with { IsCached = isCached, Seconds = Math.Round(duration.TotalSeconds, 3), Warnings = [.. _warnings.Select(w => (w with { File = SourceName.Of(_request.DisplayPath) }).ToString())] };
            Writing.TextIfDifferent(reportPath, report.ToJson());
            files.Add(new OutputFile("report", Path.GetFullPath(reportPath)));
        }

        // Windows moves no file over one that is open.
        model.Dispose();
        files.AddRange(new Publication(staging, target, _manifest).Run(_cancellationToken).Select(path => new OutputFile(CompiledFiles.KindOf(path), path)));
        return new CompilationOutput(SummaryLine.Of(report, Path.GetFileName(_request.DisplayPath), isCached, duration), files) { Explanation = report.Explanation, Plan = report.Plan, Search = report.Search };
    }

    private IEnumerable<string> Outputs() =>
        new[] { _request.OutputPath, CompiledFiles.DataPathOf(_request.OutputPath), CompiledModel.PathBeside(_request.OutputPath), _request.ReportPath, _request.PlanPath, _request.SourcePath }.OfType<string>();

    /// <summary>Takes from the cache what was compiled before, by whomever; else compiles, and keeps the result there.</summary>
    private (CompilationReport Report, bool IsCached) RestoreOrCompile(Model model, SourceFiles source, Signature signature, CompiledFiles target)
    {
        // Who looks at the passes wants them to run.
        if (_request.Cache is not { } settings || Options.DumpFolder is not null || Options.Explain is not null)
            return (Compile(model, source, signature, target), false);

        var cache = new CompilationCache(settings, diagnostic => _log.Report(diagnostic with { File = _request.DisplayPath }));
        string key = CacheKey.Of(source.Hash(_cancellationToken), target.ModelName, _request.Settings, IsVerified(source), _sampleFiles?.Hash(_cancellationToken));
        using FileLock? held = cache.Lock(key, () => _progress.Report(new CompilationProgress("Waiting for another build of the same model", 0.1)), _cancellationToken);
        if (held is not null && cache.Restore(key, target.PathOf, _cancellationToken) is { } entry)
        {
            foreach (CachedDiagnostic diagnostic in entry.Diagnostics)
                Warn(diagnostic.ToDiagnostic());
            return (entry.Report with { Model = SourceName.Of(_request.DisplayPath) }, true);
        }

        int earlier = _warnings.Count;
        CompilationReport report = Compile(model, source, signature, target);
        if (held is not null)
        {
            cache.Store(
                new CacheEntry { Key = key, Model = report.Model, Files = [], Diagnostics = [.. _warnings.Skip(earlier).Select(CachedDiagnostic.Of)], Report = report },
                target.Existing,
                _cancellationToken);
        }

        return (report, false);
    }

    private CompilationReport Compile(Model model, SourceFiles source, Signature signature, CompiledFiles target)
    {
        if (Options is { Quantization: QuantizationMode.Auto, Plan: null })
            Search(model, target);
        // Beside the work: it reads everything.
        Task<string> checksum = source.ChecksumAsync(_cancellationToken);
        CompilationResult result = Compile(model);
        Writing.Guarded(_request.OutputPath, () => ModelWriter.Write(result.Model, target.ModelPath, result.WriteOptions, _cancellationToken));
        if (_request.Settings.Measure || IsVerified(source))
            // What models compute can be larger than they are.
            MemoryLimit.Remove();
        LevelMeasurement? measurement = _request.Settings.Measure ? LevelMeasurement.Run(_request, target.ModelPath, _runner, _progress, _cancellationToken) : null;
        LoadOptimization level = measurement?.Fastest ?? result.LoadOptimization;
        VerificationResult? verification = IsVerified(source) ? Verify(result, target.ModelPath, level) : null;
        if (verification is not null && verification.Warnings.Any(w => w.Descriptor == Diagnostics.RuntimeChangesModel))
            level = LoadOptimization.None;
        MetricResult? accuracy = verification is null ? null : MeasureAccuracy(model, result, target.ModelPath, level);
        _manifest = new CompiledModel
        {
            Name = Path.GetFileNameWithoutExtension(_request.OutputPath),
            SourceHash = checksum.GetAwaiter().GetResult(),
            Signature = signature,
            Variants =
            [
                new Variant
                {
                    Name = "default",
                    File = target.ModelName,
                    DataFiles = target.HasData ? [target.DataName] : [],
                    LoadOptimization = level,
                },
            ],
        };
        Writing.Text(target.ManifestPath, _manifest.ToJson());
        return Report(result, verification, source.Bytes, target.ModelBytes) with { Measurement = measurement?.ToReport(level), Accuracy = accuracy };
    }

    private void Search(Model model, CompiledFiles target)
    {
        MemoryLimit.Remove();
        _search = AutoPlan.Find(Options, model, _request.ModelPath, target.ModelPath + ".search", _runner, _progress, _cancellationToken);
        if (!_search.Plan.Quantizes)
            Warn(Diagnostics.NoFormatHolds.Create(_search.Summary));
    }

    private CompilationResult Compile(Model model) =>
        new ModelCompiler(Options, _runner, Warn, _progress).Compile(model, _request.DisplayPath, cancellationToken: _cancellationToken);

    private bool IsVerified(SourceFiles source) => _request.Settings.Verify ?? source.Bytes <= LargestVerified;

    private VerificationResult Verify(CompilationResult result, string compiledPath, LoadOptimization level)
    {
        _progress.Report(new CompilationProgress("Verifying", 0.9));
        var options = new VerificationOptions
        {
            Tolerance = result.Tolerance,
            FixedDimensions = Options.FixedDimensions,
            Contracts = Options.Contracts,
            CompiledSettings = new SessionSettings { Optimization = level },
        };
        var history = new PassHistory([.. result.Passes.Select(p => p.Pass)], ModelAfter);
        VerificationResult verification = new Verifier(_runner).Verify(_request.ModelPath, compiledPath, options, history, _cancellationToken);
        foreach (Diagnostic warning in verification.Warnings)
            Warn(warning);
        return verification.Failure is null ? verification : throw new CompilationException(Failure(result, verification) with { File = _request.DisplayPath });
    }

    /// <summary>What quantisation costs on samples that had no part in it; null where nobody asked for that, or a search measured it.</summary>
    private MetricResult? MeasureAccuracy(Model model, CompilationResult result, string compiledPath, LoadOptimization level)
    {
        CompilerOptions options = Given;
        if (_search is not null || result.Plan is not { Quantizes: true } || (options.Samples is null && options.Metric is null))
            return null;
        _progress.Report(new CompilationProgress("Measuring accuracy", 0.95));
        ISampleSource samples = options.Samples is { } given ? SampleSplit.HeldOut(given) : SyntheticSamples.Of(model, options, _runner, cancellationToken: _cancellationToken);
        MetricResult measured = new MetricMeter(_runner).Measure(
            options.Metric ?? Metric.RelativeL2, _request.ModelPath, compiledPath, samples, new SessionSettings { Optimization = level }, _cancellationToken);
        return options.AccuracyBudget is { } budget && !(measured.Loss <= budget) ? throw new CompilationException(AccuracyLoss.Exceeded(measured, budget)) : measured;
    }

    /// <summary>An error of a quantised model that is merely larger than allowed is no fault of a pass.</summary>
    private static Diagnostic Failure(CompilationResult result, VerificationResult verification) =>
        result.Plan is { Quantizes: true } && verification.Inputs.All(input => input.Outputs.All(output => output.Disagreement is null))
            ? Diagnostics.AccuracyBudgetExceeded.Create(string.Create(CultureInfo.InvariantCulture, $"Quantisation causes an error of {verification.Error:0.0e-0}, and {result.Tolerance:0.0e-0} is allowed"))
            : verification.Failure!;

    /// <summary>The model after the first so many runs of passes, compiled anew.</summary>
    private Model ModelAfter(int steps) =>
        new ModelCompiler(Options with { DumpFolder = null }, _runner)
            .Compile(ModelFiles.Read(_request.ModelPath, _request.DisplayPath, _cancellationToken), _request.DisplayPath, steps, _cancellationToken).Model;

    private void Warn(Diagnostic diagnostic)
    {
        diagnostic = diagnostic with { File = _request.DisplayPath };
        _warnings.Add(diagnostic);
        // Information is for who looks for it, in the report.
        if (diagnostic.Severity != DiagnosticSeverity.Information)
            _log.Report(diagnostic);
    }

    private CompilationReport Report(CompilationResult result, VerificationResult? verification, long bytesBefore, long bytesAfter) => new()
    {
        Model = SourceName.Of(_request.DisplayPath),
        Output = Path.GetFileName(_request.OutputPath),
        Tool = typeof(ModelCompilation).Assembly.GetName().Version!.ToString(3),
        Before = new ModelSize(bytesBefore, result.NodesBefore, result.OperatorsBefore),
        After = new ModelSize(bytesAfter, result.NodesAfter, result.OperatorsAfter),
        Passes = [.. result.Passes.Select(p => new PassReport(p.Step, p.Phase.ToString(), p.Pass, p.Changes, Math.Round(p.Duration.TotalMilliseconds, 3)))],
        NearMisses = [.. result.NearMisses.Values],
        Plan = result.Plan,
        Search = _search,
        Unconverted = Options.Precision is null ? null : result.Unconverted,
        Verification = verification is null ? null : VerificationReport.Of(verification, result.Tolerance),
        Explanation = result.Explanation,
        Warnings = [],
        Seconds = 0,
    };
}
