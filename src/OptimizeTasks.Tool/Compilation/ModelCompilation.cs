using System.Collections.Immutable;
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

    /// <summary>Enough to see a gross fault; how exact a result is, the metric says.</summary>
    private const int MostSamplesVerified = 8;

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
    private ISampleSource? _calibration;

    private ModelCompilation(CompilationRequest request, DiagnosticLog log, IProgress<CompilationProgress> progress, OnnxRuntimeRunner runner, CancellationToken cancellationToken)
    {
        _request = request;
        _log = log;
        _progress = progress;
        _runner = runner;
        _cancellationToken = cancellationToken;
        _sampleFiles = SampleFiles.Find(request.Settings.CalibrationData, request.Settings.SampleClass);
    }

    /// <summary>What the compiler is asked for; the plan that was searched decides instead of the mode, and holds the budget on samples.</summary>
    private CompilerOptions Options => _search is null ? Given : Given with { Quantization = QuantizationMode.None, Plan = _search.Plan.Quantizes ? _search.Plan : null, AccuracyBudget = null };

    /// <summary>The same with the samples that the result is not measured on.</summary>
    private CompilerOptions Calibrated => _calibration is not null ? Options with { Samples = _calibration }
        : Options.Samples is { } samples ? Options with { Samples = SampleSplit.Calibration(samples) }
        : Options;

    private CompilerOptions Given => _request.Settings.Compiler with { Samples = _samples };

    private ImmutableArray<VariantRequest> Requests => VariantRequest.Of(Calibrated);

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
        var compilation = new ModelCompilation(request, log, progress, runner, cancellationToken);
        using SampleFiles? samples = compilation._sampleFiles;
        return compilation.Run();
    }

    private CompilationOutput Run()
    {
        long start = Stopwatch.GetTimestamp();
        _progress.Report(new CompilationProgress("Reading", 0));
        ClassGeneration? generation = _request.SourcePath is { } path ? new ClassGeneration(_request.Settings, _request.DisplayPath, path) : null;
        MemoryLimit.Set(_request.ModelPath);
        using Model model = ModelFiles.Read(_request.ModelPath, _request.DisplayPath, _cancellationToken);
        OutputPaths.Check(model, [.. Outputs()], inPlace: true);
        OutputPaths.CheckVariants(Variants());
        var source = new SourceFiles(model);
        MemoryLimit.Set(source.Bytes);
        using var staging = new StagingFolder(Path.GetDirectoryName(Path.GetFullPath(_request.OutputPath))!);
        var target = new CompiledFiles(staging, _request.OutputPath, VariantNames());
        Signature signature = ModelSignature.Of(model, Options, _request.DisplayPath);
        if (_sampleFiles is not null)
            // What samples take does not depend on the model.
            MemoryLimit.Remove();
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
        files.AddRange(_request.Settings.VariantPlanPaths.Select(plan => new OutputFile("input", Path.GetFullPath(plan))));
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
        files.AddRange(new Publication(staging, target, _manifest, [.. model.FilePaths]).Run(_cancellationToken).Select(path => new OutputFile(CompiledFiles.KindOf(path), path)));
        return new CompilationOutput(SummaryLine.Of(report, Path.GetFileName(_request.DisplayPath), isCached, duration), files) { Explanations = [.. ExplanationText.AllOf(report)], Plan = report.Plan, Search = report.Search };
    }

    private IEnumerable<string> VariantNames() => Requests.Select(request => request.FileName(Path.GetFileName(_request.OutputPath)));

    /// <summary>The files beside the model's own.</summary>
    private IEnumerable<string> Variants() => VariantNames().Skip(1).Select(name => Path.Combine(Path.GetDirectoryName(_request.OutputPath)!, name));

    private IEnumerable<string> Outputs() =>
    [
        _request.OutputPath,
        CompiledFiles.DataPathOf(_request.OutputPath),
        CompiledModel.PathBeside(_request.OutputPath),
        .. Variants(),
        .. new[] { _request.ReportPath, _request.PlanPath, _request.SourcePath }.OfType<string>(),
    ];

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
        if (Requests.Any(request => Calibrates(request.Options)))
            // What is calibrated can be larger than the model.
            MemoryLimit.Remove();
        IReadOnlyList<WrittenVariant> variants = Write(model, target);
        if (_request.Settings.Measure || IsVerified(source) || Given.AccuracyBudget is not null)
            // What models compute can be larger than they are.
            MemoryLimit.Remove();
        // Variants that came out equal are one file.
        CheckedVariant[] graphs = [.. variants.DistinctBy(v => v.Path).Select(v => Check(v, model, IsVerified(source), variants.Count > 1))];
        _manifest = new CompiledModel
        {
            Name = Path.GetFileNameWithoutExtension(_request.OutputPath),
            SourceHash = checksum.GetAwaiter().GetResult(),
            Signature = signature,
            Variants = graphs.Length == 1
                ? [Describe(VariantRequest.Default, new VariantCondition(), graphs[0], target)]
                : [.. variants.Where(v => IsChosen(v, variants)).OrderBy(v => v.Request.When.Dimensions.IsEmpty).Select(v => Describe(v.Request.Name, v.Request.When, Array.Find(graphs, g => g.Path == v.Path)!, target))],
        };
        Writing.Text(target.ManifestPath, _manifest.ToJson());
        return Report(graphs, variants, source.Bytes, target.ModelBytes);
    }

    private void Search(Model model, CompiledFiles target)
    {
        MemoryLimit.Remove();
        PlanSearchRun run = SearchRun(model, target.ModelPath);
        _search = run.Find();
        _calibration = PlanSearch.CalibrationOf(run.Samples);
        if (!_search.Plan.Quantizes)
            Warn(Diagnostics.NoFormatHolds.Create(_search.Summary));
    }

    private PlanSearchRun SearchRun(Model model, string compiledPath) =>
        new(Given, model, _request.ModelPath, compiledPath + ".search", _runner, _progress, _cancellationToken);

    /// <summary>Compiles and writes the graphs, one after the other.</summary>
    private IReadOnlyList<WrittenVariant> Write(Model model, CompiledFiles target)
    {
        ImmutableArray<VariantRequest> requests = Requests;
        var compiler = new ModelCompiler(Calibrated, _runner, Warn, _progress);
        var variants = new List<WrittenVariant>();
        ModelSetWriter? writer = null;
        try
        {
            foreach (CompilationResult result in compiler.CompileVariants(model, requests, _request.DisplayPath, _cancellationToken))
            {
                VariantRequest request = requests[variants.Count];
                writer ??= new ModelSetWriter(target.DataPath, requests.Length == 1 ? result.WriteOptions : result.SharedWriteOptions);
                Writing.Guarded(_request.OutputPath, () =>
                    variants.Add(new WrittenVariant(request, result.WithoutModel(), writer.Add(result.Model, target.PathOf(request.FileName(target.ModelName))!, _cancellationToken))));
                if (variants.Count == requests.Length)
                    Commit(writer, result, variants, target);
            }
        }
        finally
        {
            writer?.Dispose();
        }

        return variants;
    }

    /// <summary>Puts the files into their places. A graph that turned out to be alone shares its weights with none, and is written accordingly.</summary>
    private void Commit(ModelSetWriter writer, CompilationResult last, List<WrittenVariant> variants, CompiledFiles target) => Writing.Guarded(_request.OutputPath, () =>
    {
        if (last.WriteOptions == last.SharedWriteOptions || variants.Any(v => v.Path != target.ModelPath))
            writer.Commit(_cancellationToken);
        else
            ModelWriter.Write(last.Model, target.ModelPath, last.WriteOptions, _cancellationToken);
    });

    private CheckedVariant Check(WrittenVariant variant, Model model, bool isVerified, bool isOneOfSeveral)
    {
        LevelMeasurement? measurement = _request.Settings.Measure ? LevelMeasurement.Run(_request, variant.Path, Sizes(variant.Request).First(), _runner, _progress, _cancellationToken) : null;
        LoadOptimization level = measurement?.Fastest ?? variant.Result.LoadOptimization;
        VerificationResult? verification = isVerified ? Verify(variant, model, level, isOneOfSeveral) : null;
        if (verification is not null && verification.Warnings.Any(w => w.Descriptor == Diagnostics.RuntimeChangesModel))
            level = LoadOptimization.None;
        return new CheckedVariant(variant.Path, variant.Result, level, verification, measurement)
        {
            Accuracy = isVerified || Given.AccuracyBudget is not null ? MeasureAccuracy(variant, model, level) : null,
        };
    }

    /// <summary>A graph for certain sizes that is that for all others need not be chosen.</summary>
    private static bool IsChosen(WrittenVariant variant, IReadOnlyList<WrittenVariant> all) => variant.Request.When.Dimensions.IsEmpty
        || !all.Any(other => other.Path == variant.Path && other.Request.When.Dimensions.IsEmpty && other.Request.When.Provider == variant.Request.When.Provider);

    private static Variant Describe(string name, VariantCondition when, CheckedVariant graph, CompiledFiles target) => new()
    {
        Name = name,
        When = when,
        File = Path.GetFileName(graph.Path),
        DataFiles = target.HasData ? [target.DataName] : [],
        LoadOptimization = graph.Level,
    };

    private static bool Calibrates(CompilerOptions options) => options.Quantization == QuantizationMode.Static
        || options.Plan?.Nodes.Any(node => node.Format == WeightFormat.Static || node.ErrorFeedback == true || node.Smoothing is not null) == true
        || ((options.Quantization != QuantizationMode.None || options.Plan is not null)
            && ((options.Corrections & (Corrections.Bias | Corrections.ErrorFeedback | Corrections.Smoothing)) != 0 || (options.Corrections.HasFlag(Corrections.Equalization) && options.Samples is not null)));

    private bool IsVerified(SourceFiles source) => _request.Settings.Verify ?? source.Bytes <= LargestVerified;

    private VerificationResult Verify(WrittenVariant variant, Model model, LoadOptimization level, bool isOneOfSeveral)
    {
        _progress.Report(new CompilationProgress("Verifying", 0.9));
        CompilationResult result = variant.Result;
        var history = new PassHistory([.. result.Passes.Select(p => p.Pass)], steps => ModelAfter(variant.Request.Options, steps));
        VerificationResult? whole = null;
        foreach (ImmutableSortedDictionary<string, long> sizes in Sizes(variant.Request))
        {
            var options = new VerificationOptions
            {
                Tolerance = result.Tolerance,
                FixedDimensions = sizes,
                Contracts = Options.Contracts,
                CompiledSettings = new SessionSettings { Optimization = level },

                // Beyond the ranges of real inputs codes saturate: drawn ones would say nothing of them.
                Inputs = result.Calibration is { IsSynthetic: false } && variant.Request.When.Dimensions.IsEmpty
                    ? [.. SampleSplit.HeldOut(Options.Samples!).Read(_cancellationToken).Take(MostSamplesVerified).Select(sample => sample.Inputs)]
                    : [],
            };
            VerificationResult verification = new Verifier(_runner).Verify(_request.ModelPath, variant.Path, options, history, _cancellationToken);
            foreach (Diagnostic warning in verification.Warnings)
                Warn(warning);
            if (verification.Failure is not null)
            {
                Diagnostic failure = Failure(variant, model, verification);
                string where = isOneOfSeveral ? $" (variant {variant.Request.Name})" : "";
                throw new CompilationException(failure with { File = _request.DisplayPath, Message = failure.Message + where });
            }

            whole = whole is null ? verification : whole.With(verification);
        }

        return whole!;
    }

    /// <summary>The sizes on which a variant is compared: for one of certain sizes the least of them, and another one where there are several.</summary>
    private static IEnumerable<ImmutableSortedDictionary<string, long>> Sizes(VariantRequest request)
    {
        ImmutableSortedDictionary<string, long> given = request.Options.FixedDimensions;
        if (request.When.Dimensions.IsEmpty)
            return [given];
        (string dimension, DimensionRange range) = request.When.Dimensions.Single();
        return new[] { range.Minimum, Math.Min(range.Maximum, range.Minimum + 6) }.Distinct().Select(size => given.SetItem(dimension, size));
    }

    /// <summary>What quantisation costs on samples that had no part in it; null where nobody asked for that, or a search measured it.</summary>
    private MetricResult? MeasureAccuracy(WrittenVariant variant, Model model, LoadOptimization level)
    {
        CompilerOptions options = Given;
        CompilationResult result = variant.Result;
        bool isSearched = _search is not null && variant.Request.When.Dimensions.IsEmpty;
        if (isSearched || result.Plan is not { Quantizes: true } || (options.Samples is null && options.Metric is null))
            return null;
        _progress.Report(new CompilationProgress("Measuring accuracy", 0.95));
        ISampleSource samples = options.Samples is { } given ? SampleSplit.HeldOut(given) : SyntheticSamples.Of(model, options, _runner, cancellationToken: _cancellationToken);
        MetricResult measured = new MetricMeter(_runner).Measure(
            options.Metric ?? Metric.RelativeL2, _request.ModelPath, variant.Path, samples, new SessionSettings { Optimization = level }, _cancellationToken);
        return options.AccuracyBudget is { } budget && !(measured.Loss <= budget)
            ? throw new CompilationException(AccuracyLoss.Exceeded(measured, budget, SearchRun(model, variant.Path).Explain(result.Plan)))
            : measured;
    }

    /// <summary>An error of a quantised model that is merely larger than allowed is no fault of a pass, but of the layers that cost it.</summary>
    private Diagnostic Failure(WrittenVariant variant, Model model, VerificationResult verification)
    {
        CompilationResult result = variant.Result;
        if (result.Plan is not { Quantizes: true } || verification.Inputs.Any(input => input.Outputs.Any(output => output.Disagreement is not null)))
            return verification.Failure!;
        string what = string.Create(CultureInfo.InvariantCulture, $"Quantisation causes an error of {verification.Error:0.0e-0}, and {result.Tolerance:0.0e-0} is allowed");
        return Diagnostics.AccuracyBudgetExceeded.Create($"{what}. {SearchRun(model, variant.Path).Explain(result.Plan).Summary}");
    }

    /// <summary>The model after the first so many runs of passes, compiled anew.</summary>
    private Model ModelAfter(CompilerOptions options, int steps) =>
        new ModelCompiler(options with { DumpFolder = null }, _runner)
            .Compile(ModelFiles.Read(_request.ModelPath, _request.DisplayPath, _cancellationToken), _request.DisplayPath, steps, _cancellationToken).Model;

    private void Warn(Diagnostic diagnostic)
    {
        diagnostic = diagnostic with { File = _request.DisplayPath };
        // Several variants have the same to say.
        if (Requests.Length > 1 && _warnings.Contains(diagnostic))
            return;
        _warnings.Add(diagnostic);
        // Information is for who looks for it, in the report.
        if (diagnostic.Severity != DiagnosticSeverity.Information)
            _log.Report(diagnostic);
    }

    private CompilationReport Report(CheckedVariant[] graphs, IReadOnlyList<WrittenVariant> variants, long bytesBefore, long bytesAfter)
    {
        CheckedVariant first = graphs[0];
        CompilationResult result = first.Result;
        return new CompilationReport
        {
            Model = SourceName.Of(_request.DisplayPath),
            Output = Path.GetFileName(_request.OutputPath),
            Tool = typeof(ModelCompilation).Assembly.GetName().Version!.ToString(3),
            Before = new ModelSize(bytesBefore, result.NodesBefore, result.OperatorsBefore),
            After = new ModelSize(bytesAfter, result.NodesAfter, result.OperatorsAfter),
            Passes = PassReport.Of(result.Passes),
            NearMisses = [.. result.NearMisses.Values],
            Plan = result.Plan,
            Calibration = result.Calibration,
            ErrorFeedback = result.ErrorFeedback,
            Search = _search,
            Unconverted = Options.Precision is null ? null : result.Unconverted,
            Verification = first.VerificationReport,
            Accuracy = first.Accuracy,
            Measurement = first.Measurement?.ToReport(first.Level),
            Explanation = result.Explanation,
            Variants = graphs.Length == 1 ? null : [.. graphs.Select(graph => graph.ToReport(variants.Where(v => v.Path == graph.Path)))],
            Warnings = [],
            Seconds = 0,
        };
    }
}
