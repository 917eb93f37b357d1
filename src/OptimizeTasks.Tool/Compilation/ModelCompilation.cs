using System.Diagnostics;
using OptimizeTasks.Compiler;
using OptimizeTasks.Execution;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using OptimizeTasks.Tool.Reporting;

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
    private readonly List<string> _warnings = [];

    private ModelCompilation(CompilationRequest request, DiagnosticLog log, IProgress<CompilationProgress> progress, OnnxRuntimeRunner runner, CancellationToken cancellationToken)
    {
        _request = request;
        _log = log;
        _progress = progress;
        _runner = runner;
        _cancellationToken = cancellationToken;
    }

    private CompilerOptions Options => _request.Settings.Compiler;

    private string DataPath => _request.OutputPath + ".data";

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
        using Model model = ModelFiles.Read(_request.ModelPath, _request.DisplayPath, _cancellationToken);
        OutputPaths.Check(model, [.. Outputs()], inPlace: true);
        var source = new SourceFiles(model);
        // Beside the work: reading everything takes as long as everything else together.
        Task<string> hash = source.HashAsync(_cancellationToken);
        string name = Path.GetFileName(_request.OutputPath);
        using var staging = new StagingFolder(Path.GetDirectoryName(Path.GetFullPath(_request.OutputPath))!);
        Signature signature = ModelSignature.Of(model, Options.FixedDimensions, _request.DisplayPath);

        CompilationResult result = Compile(model);
        string dataPath = staging.Add(Path.GetFileName(DataPath));
        string modelPath = staging.Add(name);
        Writing.Guarded(_request.OutputPath, () => ModelWriter.Write(result.Model, modelPath, cancellationToken: _cancellationToken));
        long bytesAfter = new FileInfo(modelPath).Length + (File.Exists(dataPath) ? new FileInfo(dataPath).Length : 0);
        VerificationResult? verification = Verify(result, modelPath, source.Bytes);

        var manifest = new CompiledModel
        {
            Name = Path.GetFileNameWithoutExtension(_request.OutputPath),
            SourceHash = hash.GetAwaiter().GetResult(),
            Signature = signature,
            Variants =
            [
                new Variant
                {
                    Name = "default",
                    File = name,
                    DataFiles = File.Exists(dataPath) ? [Path.GetFileName(DataPath)] : [],
                    LoadOptimization = LoadLevel(verification),
                },
            ],
        };
        string manifestPath = staging.Add(Path.GetFileName(CompiledModel.PathBeside(_request.OutputPath)));
        Writing.Text(manifestPath, manifest.ToJson());
        _cancellationToken.ThrowIfCancellationRequested();

        var files = new List<OutputFile>(source.DataFiles.Select(path => new OutputFile("input", path)));
        if (generation is not null)
            files.Add(generation.Write(signature));
        var summary = new SummaryLine
        {
            Source = Path.GetFileName(_request.DisplayPath),
            Target = name,
            NodesBefore = result.NodesBefore,
            NodesAfter = result.NodesAfter,
            BytesBefore = source.Bytes,
            BytesAfter = bytesAfter,
            Error = verification is { Outcome: VerificationOutcome.Passed } ? verification.Error : null,
            Duration = Stopwatch.GetElapsedTime(start),
        };
        if (_request.ReportPath is { } reportPath)
        {
            Writing.TextIfDifferent(reportPath, Report(result, verification, summary).ToJson());
            files.Add(new OutputFile("report", Path.GetFullPath(reportPath)));
        }

        // Windows moves no file over one that is open.
        model.Dispose();
        files.AddRange(staging.Publish().Select(path => new OutputFile(Kind(path), path)));
        return new CompilationOutput(summary, files);
    }

    private IEnumerable<string> Outputs() =>
        new[] { _request.OutputPath, DataPath, CompiledModel.PathBeside(_request.OutputPath), _request.ReportPath, _request.SourcePath }.OfType<string>();

    private CompilationResult Compile(Model model) =>
        new ModelCompiler(Options, _runner, Warn, _progress).Compile(model, _request.DisplayPath, cancellationToken: _cancellationToken);

    private VerificationResult? Verify(CompilationResult result, string compiledPath, long sourceBytes)
    {
        if (!(_request.Settings.Verify ?? sourceBytes <= LargestVerified))
            return null;
        _progress.Report(new CompilationProgress("Verifying", 0.9));
        var options = new VerificationOptions { Tolerance = Options.Tolerance, FixedDimensions = Options.FixedDimensions };
        var history = new PassHistory([.. result.Passes.Select(p => p.Pass)], ModelAfter);
        VerificationResult verification = new Verifier(_runner).Verify(_request.ModelPath, compiledPath, options, history, _cancellationToken);
        foreach (Diagnostic warning in verification.Warnings)
            Warn(warning);
        return verification.Failure is { } failure ? throw new CompilationException(failure with { File = _request.DisplayPath }) : verification;
    }

    /// <summary>Everything, unless that was seen to change what the model computes.</summary>
    private static LoadOptimization LoadLevel(VerificationResult? verification) =>
        verification is not null && verification.Warnings.Any(w => w.Descriptor == Diagnostics.RuntimeChangesModel) ? LoadOptimization.None : LoadOptimization.All;

    /// <summary>The model after the first so many runs of passes, compiled anew.</summary>
    private Model ModelAfter(int steps) =>
        new ModelCompiler(Options with { DumpFolder = null }, _runner)
            .Compile(ModelFiles.Read(_request.ModelPath, _request.DisplayPath, _cancellationToken), _request.DisplayPath, steps, _cancellationToken).Model;

    private void Warn(Diagnostic diagnostic)
    {
        diagnostic = diagnostic with { File = _request.DisplayPath };
        _warnings.Add((diagnostic with { File = SourceName.Of(_request.DisplayPath) }).ToString());
        // Information is for who looks for it, in the report.
        if (diagnostic.Severity != DiagnosticSeverity.Information)
            _log.Report(diagnostic);
    }

    private CompilationReport Report(CompilationResult result, VerificationResult? verification, SummaryLine summary) => new()
    {
        Model = SourceName.Of(_request.DisplayPath),
        Output = Path.GetFileName(_request.OutputPath),
        Tool = typeof(ModelCompilation).Assembly.GetName().Version!.ToString(3),
        Before = new ModelSize(summary.BytesBefore, result.NodesBefore, result.OperatorsBefore),
        After = new ModelSize(summary.BytesAfter, result.NodesAfter, result.OperatorsAfter),
        Passes = [.. result.Passes.Select(p => new PassReport(p.Step, p.Phase.ToString(), p.Pass, p.Changes, Math.Round(p.Duration.TotalMilliseconds, 3)))],
        Verification = verification is null ? null : VerificationReport.Of(verification, Options.Tolerance),
        Warnings = _warnings,
        Seconds = Math.Round(summary.Duration.TotalSeconds, 3),
    };

    private static string Kind(string path) => path switch
    {
        _ when path.EndsWith(CompiledModel.FileExtension, StringComparison.Ordinal) => "manifest",
        _ when path.EndsWith(".data", StringComparison.Ordinal) => "data",
        _ => "model",
    };
}
