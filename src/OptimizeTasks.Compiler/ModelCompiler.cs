using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using OptimizeTasks.Compiler.Exporting;
using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Planning;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler;

/// <summary>Compiles ONNX models: runs the pipeline over a model that is read from a file or given.</summary>
/// <param name="options">What the user asks for.</param>
/// <param name="runner">Runs constant parts of the graph; null leaves them as they are.</param>
/// <param name="report">Receives warnings and information; errors are thrown.</param>
/// <param name="progress">Receives what is being done.</param>
public sealed class ModelCompiler(CompilerOptions options, IModelRunner? runner = null, Action<Diagnostic>? report = null, IProgress<CompilationProgress>? progress = null)
{
    /// <summary>The names of all passes, for <see cref="CompilerOptions.DisabledPasses"/> and <see cref="CompilerOptions.StopAfter"/>.</summary>
    public static ImmutableArray<string> PassNames => Pipeline.PassNames;

    /// <summary>The names of the rules inside passes, for <see cref="CompilerOptions.DisabledPasses"/>.</summary>
    public static ImmutableArray<string> RuleNames => Pipeline.RuleNames;

    /// <summary>
    /// Reads and compiles a model; the result's model keeps the file open until it is disposed of. Nothing is written but
    /// what <see cref="CompilerOptions.DumpFolder"/> asks for.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="displayPath">What diagnostics call it; null for the path itself.</param>
    /// <param name="steps">How many runs of passes (<see cref="PassRun.Step"/>) happen at most.</param>
    /// <param name="cancellationToken">Ends the compilation.</param>
    /// <exception cref="CompilationException">There is no result; the diagnostic says why.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public CompilationResult Compile(string path, string? displayPath = null, int steps = int.MaxValue, CancellationToken cancellationToken = default)
    {
        CheckOptions(options, displayPath ?? path);
        Model model = ModelFiles.Read(path, displayPath, cancellationToken);
        try
        {
            return Compile(model, displayPath ?? path, steps, cancellationToken) with { File = path };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Compiles a model in memory, which is changed by it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="displayPath">What diagnostics call it, or null.</param>
    /// <param name="steps">How many runs of passes (<see cref="PassRun.Step"/>) happen at most.</param>
    /// <param name="cancellationToken">Ends the compilation.</param>
    /// <exception cref="CompilationException">There is no result; the diagnostic says why.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public CompilationResult Compile(Model model, string? displayPath = null, int steps = int.MaxValue, CancellationToken cancellationToken = default)
    {
        return CompileVariants(model, [new VariantRequest { Name = VariantRequest.Default, Options = options }], displayPath, steps, cancellationToken).Single();
    }

    /// <summary>
    /// Compiles a model in memory, which is changed by it, once for each request. What does not depend on the requests runs
    /// once. A result has to be used before the next one is asked for: beside it, only the model that it came from is in memory.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="requests">The graphs that are wanted (<see cref="VariantRequest.Of"/>).</param>
    /// <param name="displayPath">What diagnostics call the model, or null.</param>
    /// <param name="cancellationToken">Ends the compilation.</param>
    /// <returns>A result for each request, in their order.</returns>
    /// <exception cref="CompilationException">There is no result; the diagnostic says why.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public IEnumerable<CompilationResult> CompileVariants(
        Model model, IReadOnlyList<VariantRequest> requests, string? displayPath = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(requests);
        return CompileVariants(model, requests, displayPath, int.MaxValue, cancellationToken);
    }

    /// <summary>How the result of compiling a file came about, for <see cref="Verifier"/>: the file is compiled again, in part.</summary>
    public PassHistory HistoryOf(CompilationResult result)
    {
        string path = result.File ?? throw new ArgumentException("The result comes from no file.", nameof(result));
        PassRun[] changes = [.. result.Changes];
        var quiet = new ModelCompiler(options with { DumpFolder = null }, runner);
        return new PassHistory(
            [.. changes.Select(c => c.Pass)],
            count => count == 0 ? ModelFiles.Read(path) : quiet.Compile(path, steps: changes[count - 1].Step).Model);
    }

    private IEnumerable<CompilationResult> CompileVariants(
        Model model, IReadOnlyList<VariantRequest> requests, string? displayPath, int steps, CancellationToken cancellationToken)
    {
        foreach (VariantRequest request in requests)
            CheckOptions(request.Options, displayPath);
        if (!options.Contracts.IsEmpty)
            ModelSignature.Of(model, options, displayPath);
        var before = model.Graph.CountOperators();
        var context = new PassContext(model, options, runner, report ?? (_ => { }), displayPath, cancellationToken) { Progress = progress };
        var shared = ImmutableArray.CreateBuilder<PassRun>();
        bool continues = RunStages(Pipeline.Stages.Where(s => s.IsShared), context, shared, steps);
        for (int i = 0; i < requests.Count; i++)
        {
            // The last one needs no copy.
            PassContext own = context.For(requests[i].Options, i == requests.Count - 1 ? model : model.Copy());
            var runs = ImmutableArray.CreateBuilder<PassRun>();
            runs.AddRange(shared);
            if (continues)
                RunStages(Pipeline.Stages.Where(s => !s.IsShared), own, runs, steps);
            yield return Result(own, before, runs.ToImmutable());
        }
    }

    private static CompilationResult Result(PassContext context, IReadOnlyDictionary<string, int> before, ImmutableArray<PassRun> runs)
    {
        Model model = context.Model;
        CompilerOptions options = context.Options;
        return new CompilationResult
        {
            Model = model,
            OperatorsBefore = before.ToImmutableSortedDictionary(StringComparer.Ordinal),
            OperatorsAfter = model.Graph.CountOperators().ToImmutableSortedDictionary(StringComparer.Ordinal),
            Passes = runs,
            WriteOptions = ExternalWeights.Of(model.Graph, options.ExternalData),
            SharedWriteOptions = ExternalWeights.OfSeveral(model.Graph, options.ExternalData),
            LoadOptimization = LoadLevel.Of(model.Graph),
            Plan = context.Plan,
            Calibration = context.Calibration,
            ErrorFeedback = context.ErrorFeedback,
            FactorFile = context.FactorFile,
            Tolerance = options.Tolerance ?? (options.MeasuresAccuracy ? null : options.AccuracyBudget) ?? Math.Max(FormatTolerance.Of(context.Plan), FormatTolerance.Of(options.Precision)),
            Unconverted = [.. context.Unconverted],
            Explanation = context.NearMisses.Explanation,
            NearMisses = context.NearMisses.Furthest.ToImmutableSortedDictionary(StringComparer.Ordinal),
        };
    }

    /// <returns>Whether the stages behind these run.</returns>
    private bool RunStages(IEnumerable<Stage> stages, PassContext context, ImmutableArray<PassRun>.Builder runs, int steps)
    {
        try
        {
            return stages.Where(s => s.Level <= context.Options.Optimization).All(stage => RunStage(stage, context, runs, steps));
        }
        catch (ModelFormatException e)
        {
            throw new CompilationException(ModelFiles.Descriptor(e.Fault).Create(e.Message, context.File), e);
        }
    }

    /// <returns>Whether the next stage runs.</returns>
    private bool RunStage(Stage stage, PassContext context, ImmutableArray<PassRun>.Builder runs, int steps)
    {
        for (int round = 0, changes = 1; round < stage.Rounds && changes > 0; round++)
        {
            changes = 0;
            foreach (Pass pass in stage.Passes.Where(p => !context.Options.DisabledPasses.Contains(p.Name, StringComparer.Ordinal)))
            {
                if (runs.Count >= steps)
                    return false;
                changes += RunPass(stage, pass, context, runs);
                if (pass.Name == context.Options.StopAfter)
                    return false;
            }
        }

        return true;
    }

    private int RunPass(Stage stage, Pass pass, PassContext context, ImmutableArray<PassRun>.Builder runs)
    {
        context.CancellationToken.ThrowIfCancellationRequested();
        int step = runs.Count + 1;
        progress?.Report(new CompilationProgress($"{stage.Phase}: {pass.Name}", (double)Pipeline.Stages.IndexOf(stage) / Pipeline.Stages.Length));
        long start = Stopwatch.GetTimestamp();
        int changes = pass.Run(context.Model.Graph, context);
        runs.Add(new PassRun(step, stage.Phase, pass.Name, changes, Stopwatch.GetElapsedTime(start)));
        context.ShapesAreStale |= changes > 0;
        if (changes > 0 && context.Options.DumpFolder is { } folder)
            Dump(context.Model, folder, step, pass.Name);
        return changes;
    }

    private static void Dump(Model model, string folder, int step, string pass)
    {
        Directory.CreateDirectory(folder);
        ModelWriter.Write(model, Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{step:000}-{pass}.onnx")));
    }

    private static void CheckOptions(CompilerOptions options, string? path)
    {
        foreach (string name in options.DisabledPasses)
            CheckName(name, [.. PassNames, .. RuleNames], path);
        if (options.StopAfter is { } last)
            CheckName(last, PassNames, path);
        if (options.Explain is { } rule && !RuleNames.Contains(rule, StringComparer.Ordinal))
            throw new CompilationException(Diagnostics.UnknownPass.Create($"There is no rule '{rule}'; {CloseNames.Sentence(rule, RuleNames)}", path));
        if (options.Optimization == OptimizationLevel.None && (options.Quantization != QuantizationMode.None || options.Plan is not null))
            throw new CompilationException(Diagnostics.InvalidMetadataValue.Create("Optimization is None, and quantisation needs Basic or Full", path));
        if (options is { Quantization: QuantizationMode.Auto, Plan: null })
            throw new ArgumentException($"{QuantizationMode.Auto} is decided by {nameof(PlanSearch)}; its plan is what is compiled");
        if (PrecisionLimits.Refuse(options) is { } why)
            throw new CompilationException(Diagnostics.PrecisionImpossible.Create(why, path));
    }

    private static void CheckName(string name, ImmutableArray<string> names, string? path)
    {
        if (!names.Contains(name, StringComparer.Ordinal))
            throw new CompilationException(Diagnostics.UnknownPass.Create($"There is no pass '{name}'; the passes are {string.Join(", ", names)}", path));
    }
}
