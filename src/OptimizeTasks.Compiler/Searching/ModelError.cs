using System.Collections.Immutable;

namespace OptimizeTasks.Compiler.Searching;

/// <summary>What a model loses against the original, over samples.</summary>
internal static class ModelError
{
    /// <summary>Runs a candidate on samples.</summary>
    /// <param name="metric">In what the loss is measured.</param>
    /// <param name="session">The candidate.</param>
    /// <param name="runs">The samples with the original's outputs.</param>
    /// <param name="limits">What one run may take.</param>
    /// <param name="cancellationToken">Ends the runs.</param>
    /// <returns>The loss, comparable with the budget; infinity where outputs are not comparable.</returns>
    public static double Of(Metric metric, IModelSession session, ImmutableArray<SampleRun> runs, RunLimits limits, CancellationToken cancellationToken)
    {
        var accumulator = MetricAccumulator.Of(metric);
        foreach (SampleRun run in runs)
            accumulator.Add(run.Outputs, session.Run(run.Sample.Inputs, [.. run.Outputs.Keys], limits, cancellationToken), run.Sample.Label);
        return accumulator.Loss;
    }
}
