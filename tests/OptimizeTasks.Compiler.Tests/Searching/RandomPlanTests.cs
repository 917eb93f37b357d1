using OptimizeTasks.Compiler.Searching;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using Xunit.Abstractions;

namespace OptimizeTasks.Compiler.Tests.Searching;

/// <summary>Random networks under random plans: everything runs, and errors are what those of single layers predict.</summary>
public sealed class RandomPlanTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>Below it, errors are as much the kernels' rounding as the formats'.</summary>
    private const double Noticeable = 1e-3;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Errors_of_plans_are_predicted_by_those_of_their_layers() => Predict(40);

    [Fact]
    [Trait("Lane", "Long")]
    public void Errors_of_a_thousand_plans_are_predicted_by_those_of_their_layers() => Predict(1000);

    [Theory]
    [InlineData(5)]
    public void The_budget_is_never_violated(int count) => Search(count);

    [Theory]
    [Trait("Lane", "Long")]
    [InlineData(100)]
    public void The_budget_is_never_violated_by_a_hundred(int count) => Search(count);

    private void Predict(int count)
    {
        var errors = new List<(double Predicted, double Measured)>();
        for (int seed = 0; seed < count; seed++)
        {
            if (Predict(RandomNetwork.Draw(seed), RandomNetwork.SamplesOf(seed), new Random(seed)) is { } error)
                errors.Add(error);
        }

        (double Predicted, double Measured)[] noticeable = [.. errors.Where(error => error.Measured >= Noticeable)];
        int near = noticeable.Count(error => error.Measured <= 3 * error.Predicted && error.Predicted <= 3 * error.Measured);
        double correlation = RankCorrelation(errors);
        output.WriteLine($"{errors.Count} plans, rank correlation {correlation:0.000}; {near} of {noticeable.Length} noticeable errors within a factor of 3");

        Assert.True(noticeable.Length > count / 2);
        Assert.InRange(correlation, 0.8, 1);
        Assert.InRange(near, 0.9 * noticeable.Length, noticeable.Length);
    }

    private (double Predicted, double Measured)? Predict(Model model, ISampleSource samples, Random random)
    {
        string path = _folder["original.onnx"];
        ModelWriter.Write(model, path);
        SampleRuns runs;
        var runner = new InProcessRunner();
        using (IModelSession session = runner.Load(path, SessionSettings.Unoptimized, RunLimits.Default, CancellationToken.None))
            runs = SampleRuns.Read(samples, 1 << 20, session, [model.Graph.Outputs[0].Name], RunLimits.Default, CancellationToken.None);
        var models = new CandidateModels(new CompilerOptions(), runner, path, _folder.Path, CancellationToken.None);
        PlannedNode[] nodes = [.. models.TryMake(QuantizationMode.Dynamic, "dynamic")!.Plan!.Nodes.Where(node => node.Format == WeightFormat.Dynamic).Select(node => Drawn(node, random))];
        if (nodes.All(node => node.Format == WeightFormat.Float))
            return null;

        double ErrorOf(params IEnumerable<PlannedNode> planned)
        {
            CandidateModel candidate = models.TryMake(new CompressionPlan { Nodes = [.. planned] }, "candidate")!;
            using IModelSession session = runner.Load(candidate.Path, candidate.Settings, RunLimits.Default, CancellationToken.None);
            return ModelError.Of(Metric.RelativeL2, session, runs.HeldOut, RunLimits.Default, CancellationToken.None);
        }

        double predicted = Math.Sqrt(nodes.Where(node => node.Format != WeightFormat.Float).Sum(node => Math.Pow(ErrorOf(node), 2)));
        return (predicted, ErrorOf(nodes));
    }

    private void Search(int count)
    {
        for (int seed = 0; seed < count; seed++)
        {
            string path = _folder["original.onnx"];
            Model model = RandomNetwork.Draw(seed);
            ModelWriter.Write(model, path);
            double budget = Math.Pow(10, -3 + (new Random(seed).NextDouble() * 2));

            PlanSearchResult result = new PlanSearch(new CompilerOptions { AccuracyBudget = budget }, new InProcessRunner()).Run(path, RandomNetwork.SamplesOf(seed), _folder.Path);

            Assert.InRange(ErrorOf(path, result.Plan, RandomNetwork.SamplesOf(seed)), 0, budget);
        }
    }

    /// <summary>The error of a plan that is compiled anew, by other code than the search's.</summary>
    private double ErrorOf(string path, CompressionPlan plan, ISampleSource samples)
    {
        var runner = new InProcessRunner();
        using (CompilationResult result = new ModelCompiler(new CompilerOptions { Plan = plan.Quantizes ? plan : null, Samples = PlanSearch.CalibrationOf(samples) }, runner).Compile(path))
            ModelWriter.Write(result.Model, _folder["compiled.onnx"]);
        using IModelSession original = runner.Load(path, SessionSettings.Unoptimized, RunLimits.Default, CancellationToken.None);
        using IModelSession compiled = runner.Load(_folder["compiled.onnx"], new SessionSettings(), RunLimits.Default, CancellationToken.None);
        using Model model = ModelFiles.Read(path);
        string output = model.Graph.Outputs[0].Name;
        return Math.Sqrt(SampleSplit.HeldOut(samples).Read(CancellationToken.None).Average(sample => Math.Pow(Agreement.Error(Run(original, sample), Run(compiled, sample)), 2)));

        Tensor Run(IModelSession session, Sample sample) => session.Run(sample.Inputs, [output], RunLimits.Default, CancellationToken.None)[output];
    }

    private static PlannedNode Drawn(PlannedNode node, Random random)
    {
        WeightFormat format = random.GetItems(Enum.GetValues<WeightFormat>(), 1)[0];
        return format is WeightFormat.Int4 or WeightFormat.Int8
            ? node with { Format = format, BlockSize = random.GetItems([16, 32, 64], 1)[0], Symmetric = random.Next(2) == 0, AccuracyLevel = random.GetItems([1, 4], 1)[0] }
            : node with { Format = format };
    }

    /// <summary>Spearman's: the correlation of the ranks.</summary>
    private static double RankCorrelation(List<(double Predicted, double Measured)> errors)
    {
        double[] a = Ranks(errors.Select(error => error.Predicted)), b = Ranks(errors.Select(error => error.Measured));
        double squares = a.Zip(b, (x, y) => (x - y) * (x - y)).Sum();
        double n = errors.Count;
        return 1 - (6 * squares / (n * ((n * n) - 1)));
    }

    private static double[] Ranks(IEnumerable<double> values)
    {
        double[] given = [.. values];
        double[] sorted = [.. given.Order()];
        return [.. given.Select(value => (double)Array.BinarySearch(sorted, value))];
    }
}
