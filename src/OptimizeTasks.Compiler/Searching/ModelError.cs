using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Searching;

/// <summary>The relative L2 error of a model's outputs against the original's: over all samples, of the worst output.</summary>
internal static class ModelError
{
    /// <summary>Runs a candidate on samples.</summary>
    /// <param name="session">The candidate.</param>
    /// <param name="runs">The samples with the original's outputs.</param>
    /// <param name="limits">What one run may take.</param>
    /// <param name="cancellationToken">Ends the runs.</param>
    /// <returns>The root mean square of the samples' errors; infinity where outputs are not comparable.</returns>
    public static double Of(IModelSession session, ImmutableArray<SampleRun> runs, RunLimits limits, CancellationToken cancellationToken)
    {
        var squares = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (SampleRun run in runs)
        {
            IReadOnlyDictionary<string, Tensor> actual = session.Run(run.Sample.Inputs, [.. run.Outputs.Keys], limits, cancellationToken);
            foreach ((string name, Tensor expected) in run.Outputs)
            {
                double error = OutputComparison.Between(name, expected, actual[name], 0).Error;
                squares[name] = squares.GetValueOrDefault(name) + (error * error);
            }
        }

        return Math.Sqrt(squares.Values.Max() / runs.Length);
    }
}
