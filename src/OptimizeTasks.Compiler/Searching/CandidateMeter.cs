using System.Collections.Immutable;
using OptimizeTasks.Compiler.Verification;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Searching;

/// <summary>Runs and times candidates.</summary>
/// <param name="runner">Runs them.</param>
/// <param name="timer">Times them; null where this machine cannot.</param>
/// <param name="emulates">Whether candidates compute in bfloat16, which stands for itself in single precision when they run.</param>
/// <param name="typical">What they are timed on.</param>
/// <param name="outputs">The outputs of the model.</param>
/// <param name="limits">What one load or run may take.</param>
/// <param name="cancellationToken">Ends the work.</param>
internal sealed class CandidateMeter(IModelRunner runner, IModelTimer? timer, bool emulates, IReadOnlyDictionary<string, Tensor> typical, IReadOnlyCollection<string> outputs, RunLimits limits, CancellationToken cancellationToken)
{
    /// <summary>What the runs of one measurement take together, about.</summary>
    private const double MillisecondsTogether = 500;

    private const int FewestRuns = 5;
    private const int MostRuns = 100;

    /// <summary>How long the last candidate took: the next one will take about as long.</summary>
    private double _last = MillisecondsTogether;

    /// <summary>The loss on samples in a metric; infinity where the candidate does not run.</summary>
    public double Error(Metric metric, CandidateModel candidate, ImmutableArray<SampleRun> samples)
    {
        try
        {
            using EmulatedModel? emulation = emulates ? EmulatedModel.Of(candidate.Path, cancellationToken) : null;
            using IModelSession session = runner.Load(emulation?.Path ?? candidate.Path, candidate.Settings, limits, cancellationToken);
            return ModelError.Of(metric, session, samples, limits, cancellationToken);
        }
        catch (ModelRunException)
        {
            return double.PositiveInfinity;
        }
    }

    /// <summary>The least milliseconds of a run; null where nothing can be timed, infinity where the candidate does not run.</summary>
    public double? Time(CandidateModel candidate)
    {
        if (timer is null)
            return null;
        int runs = (int)Math.Clamp(MillisecondsTogether / _last, FewestRuns, MostRuns);
        try
        {
            return _last = timer.Time(candidate.Path, candidate.Settings, typical, outputs, runs, limits.Time, cancellationToken);
        }
        catch (ModelRunException)
        {
            return double.PositiveInfinity;
        }
    }
}
