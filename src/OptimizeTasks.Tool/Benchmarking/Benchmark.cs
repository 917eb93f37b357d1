using OptimizeTasks.Compiler;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Benchmarking;

/// <summary>
/// Measures models in alternating rounds: a machine whose speed drifts drifts for all. One session is alive at a time,
/// since the threads of an idle one wait busily and take the processor from the one that is measured.
/// </summary>
/// <param name="meter">Measures one model.</param>
/// <param name="progress">Receives what is being done.</param>
internal sealed class Benchmark(ModelMeter meter, IProgress<CompilationProgress> progress)
{
    /// <summary>Measures every contender in every round.</summary>
    /// <param name="contenders">The models; the others are compared with the first.</param>
    /// <param name="inputs">What they run on.</param>
    /// <param name="rounds">How often each is loaded.</param>
    /// <param name="runs">How often each is run in a round, after its first run.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="CompilationException">A model does not load or run.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public IReadOnlyList<ContenderResult> Run(
        IReadOnlyList<Contender> contenders, IReadOnlyDictionary<string, Tensor> inputs, int rounds, int runs, CancellationToken cancellationToken)
    {
        List<ModelMeasurement>[] measurements = [.. contenders.Select(_ => new List<ModelMeasurement>())];
        IReadOnlyDictionary<string, Tensor>? expected = null;
        var errors = new double?[contenders.Count];
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < contenders.Count; i++)
            {
                progress.Report(new CompilationProgress($"Measuring {contenders[i].Name}", ((round * contenders.Count) + i) / (double)(rounds * contenders.Count)));
                ModelMeasurement measurement = contenders[i].Measure(meter, inputs, runs, cancellationToken);
                expected ??= measurement.Outputs;
                errors[i] ??= Error(expected, measurement.Outputs);
                // The outputs of one round say all.
                measurements[i].Add(measurement with { Outputs = new Dictionary<string, Tensor>() });
            }
        }

        double first = measurements[0].Min(m => m.RunMilliseconds.Min());
        return [.. contenders.Select((contender, i) => ContenderResult.Of(contender, measurements[i], first, errors[i]))];
    }

    /// <summary>The greatest error of the outputs that both have; null where there is none.</summary>
    private static double? Error(IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> actual)
    {
        double[] errors = [.. expected.Where(output => actual.ContainsKey(output.Key)).Select(output => OutputComparison.Between(output.Key, output.Value, actual[output.Key], double.PositiveInfinity).Error)];
        return errors.Length > 0 ? errors.Max() : null;
    }
}
