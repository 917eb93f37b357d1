using System.Collections.Immutable;
using OptimizeTasks.Compiler;
using OptimizeTasks.Execution;
using OptimizeTasks.Manifest;
using OptimizeTasks.Tool.Benchmarking;
using OptimizeTasks.Tool.Reporting;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>Times of the original and of the compiled model at every level at which ONNX Runtime can load it.</summary>
/// <param name="Inputs">What they ran on.</param>
/// <param name="Original">The original.</param>
/// <param name="Levels">The compiled model at each level at which it runs.</param>
internal sealed record LevelMeasurement(string Inputs, ContenderResult Original, ImmutableArray<ContenderResult> Levels)
{
    private const int Rounds = 3;
    private const int RunsPerRound = 10;

    /// <summary>Levels that run within so much of the fastest run equally fast.</summary>
    private const double Equal = 1.03;

    private static readonly ImmutableArray<LoadOptimization> s_levels =
        [LoadOptimization.None, LoadOptimization.Basic, LoadOptimization.Extended, LoadOptimization.All];

    /// <summary>The level that runs fastest, and of those that run equally fast the one that loads fastest.</summary>
    public LoadOptimization Fastest
    {
        get
        {
            double least = Levels.Min(l => l.Run.Minimum);
            return Enum.Parse<LoadOptimization>(Levels.Where(l => l.Run.Minimum <= least * Equal).MinBy(l => l.Load.Minimum)!.LoadOptimization);
        }
    }

    /// <summary>Measures.</summary>
    /// <param name="request">What is compiled.</param>
    /// <param name="compiledPath">The compiled model.</param>
    /// <param name="sizes">Sizes of symbolic dimensions that the compiled model is for.</param>
    /// <param name="runner">Runs the original, to find inputs that it takes.</param>
    /// <param name="progress">Receives what is being done.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="CompilationException">A model does not load or run.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static LevelMeasurement Run(
        CompilationRequest request, string compiledPath, ImmutableSortedDictionary<string, long> sizes, OnnxRuntimeRunner runner, IProgress<CompilationProgress> progress, CancellationToken cancellationToken)
    {
        TypicalInputs inputs = TypicalInputs.Draw(request.ModelPath, sizes, runner, cancellationToken);
        var meter = new ModelMeter(WorkerCommand.Self("worker"));
        Contender compiled = Contender.Of(compiledPath, new SessionSettings(), cancellationToken);
        Contender[] contenders =
        [
            Contender.Of(request.ModelPath, new SessionSettings(), cancellationToken),
            .. s_levels.Select(level => compiled with { Settings = compiled.Settings with { Optimization = level } }).Where(Runs),
        ];
        if (contenders.Length == 1)
            throw new CompilationException(Diagnostics.RunnerFailed.Create("The compiled model runs at no level", request.DisplayPath));
        IReadOnlyList<ContenderResult> results = new Benchmark(meter, progress).Run(contenders, inputs.Values, Rounds, RunsPerRound, cancellationToken);
        return new LevelMeasurement(inputs.Description, results[0], [.. results.Skip(1)]);

        // The runtime's optimisations break some models.
        bool Runs(Contender contender)
        {
            try
            {
                contender.Measure(meter, inputs.Values, 1, cancellationToken);
                return true;
            }
            catch (CompilationException)
            {
                return false;
            }
        }
    }

    /// <summary>What the report says of it.</summary>
    /// <param name="level">The level that was taken.</param>
    public MeasurementReport ToReport(LoadOptimization level) => new(Inputs, Report(Original), [.. Levels.Select(Report)], level.ToString());

    private static LevelReport Report(ContenderResult result) => new(result.LoadOptimization, Math.Round(result.Load.Minimum, 3), Math.Round(result.Run.Minimum, 3));
}
