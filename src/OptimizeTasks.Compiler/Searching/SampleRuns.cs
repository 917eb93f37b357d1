using System.Collections.Immutable;

namespace OptimizeTasks.Compiler.Searching;

/// <summary>
/// Some samples with the outputs of the original: those that layers are judged by, and others, held out, by which whole
/// models are.
/// </summary>
/// <param name="Judging">For the sensitivity of layers.</param>
/// <param name="HeldOut">For the error of whole models. The same samples where there are too few to keep some apart.</param>
internal sealed record SampleRuns(ImmutableArray<SampleRun> Judging, ImmutableArray<SampleRun> HeldOut)
{
    /// <summary>What the samples of one purpose may hold together.</summary>
    private const long MostBytes = 128 << 20;

    /// <summary>What reading of weights the runs of one candidate may amount to: large models are judged on fewer samples.</summary>
    private const long MostBytesRead = 16L << 30;

    private const int MostJudging = 32;
    private const int FewestJudging = 4;
    private const int MostHeldOut = 512;
    private const int FewestHeldOut = 8;

    /// <summary>Reads samples and runs the original on them.</summary>
    /// <param name="source">The samples.</param>
    /// <param name="modelBytes">The size of the original.</param>
    /// <param name="session">The original.</param>
    /// <param name="outputs">The outputs to compare.</param>
    /// <param name="limits">What one run may take.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="CompilationException">There is no sample (<see cref="Diagnostics.NoSamples"/>), or one cannot be read.</exception>
    /// <exception cref="ModelRunException">The original refuses a sample.</exception>
    public static SampleRuns Read(ISampleSource source, long modelBytes, IModelSession session, IReadOnlyCollection<string> outputs, RunLimits limits, CancellationToken cancellationToken)
    {
        long affordable = MostBytesRead / Math.Max(1, modelBytes);
        return new SampleRuns(
            Run(SampleSplit.Calibration(source), Math.Clamp(affordable / 4, FewestJudging, MostJudging)),
            Run(SampleSplit.HeldOut(source), Math.Clamp(affordable, FewestHeldOut, MostHeldOut)));

        ImmutableArray<SampleRun> Run(ISampleSource samples, long most)
        {
            var runs = ImmutableArray.CreateBuilder<SampleRun>();
            long bytes = 0;
            foreach (Sample sample in samples.Read(cancellationToken))
            {
                runs.Add(new SampleRun(sample, session.Run(sample.Inputs, outputs, limits, cancellationToken)));
                bytes += runs[^1].Bytes;
                if (runs.Count >= most || bytes >= MostBytes)
                    break;
            }

            return runs.Count > 0 ? runs.ToImmutable() : throw new CompilationException(Diagnostics.NoSamples.Create($"There are no samples ({source.Description})"));
        }
    }
}
