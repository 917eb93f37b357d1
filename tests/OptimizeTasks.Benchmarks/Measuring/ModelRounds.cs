using System.Collections.Immutable;
using OptimizeTasks.Compiler;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Measuring;

/// <summary>Loads and runs models in turn, on the same inputs, each in a process of its own.</summary>
internal static class ModelRounds
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);
    private static readonly WorkerCommand s_worker = new("dotnet", [Workspace.Tool, "worker"]);

    /// <summary>The measurements of each contender; those of the first round have the outputs.</summary>
    /// <param name="original">The model that inputs are drawn for.</param>
    /// <param name="sizes">Sizes of its symbols that are given.</param>
    /// <param name="contenders">The models.</param>
    /// <param name="rounds">How often each is loaded.</param>
    /// <param name="runs">How often each is run in a round, behind a first run.</param>
    public static List<ModelMeasurement>[] Run(string original, ImmutableSortedDictionary<string, long> sizes, IReadOnlyList<Contender> contenders, int rounds, int runs)
    {
        TypicalInputs inputs = Inputs(original, sizes);
        string[] outputs;
        using (Model model = ModelReader.Read(original))
            outputs = [.. model.Graph.Outputs.Select(output => output.Name)];
        var meter = new ModelMeter(s_worker);
        List<ModelMeasurement>[] measurements = [.. contenders.Select(_ => new List<ModelMeasurement>())];
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < contenders.Count; i++)
            {
                ModelMeasurement measured = meter.Measure(
                    contenders[i].Path, new SessionSettings { Optimization = contenders[i].Level }, inputs.Values, outputs, runs, s_limit, CancellationToken.None);
                measurements[i].Add(round == 0 ? measured : measured with { Outputs = new Dictionary<string, Tensor>() });
            }
        }

        return measurements;
    }

    /// <summary>What a model is run on.</summary>
    public static TypicalInputs Inputs(string model, ImmutableSortedDictionary<string, long> sizes)
    {
        using var runner = new OnnxRuntimeRunner(s_worker);
        return TypicalInputs.Draw(model, sizes, runner, CancellationToken.None);
    }

    /// <summary>The least time of a run, in milliseconds.</summary>
    public static double Minimum(this List<ModelMeasurement> measurements) => measurements.Min(m => m.RunMilliseconds.Min());

    /// <summary>The error of the worst output, ‖a−b‖ / ‖a‖.</summary>
    public static double Error(List<ModelMeasurement> expected, List<ModelMeasurement> actual) =>
        expected[0].Outputs.Max(o => OutputComparison.Between(o.Key, o.Value, actual[0].Outputs[o.Key], double.PositiveInfinity).Error);
}
