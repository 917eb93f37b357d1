using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Compiler.Tests.Searching;

public sealed class PlanSearchTests : IDisposable
{
    private static readonly string s_transformer = Path.Combine(Repository.Root, "samples", "Digits", "digits-transformer.onnx");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(0.02)]
    [InlineData(0.005)]
    public void What_is_found_holds_the_budget(double budget)
    {
        PlanSearchResult result = Search(budget, timer: null);

        Assert.InRange(result.Chosen.Error, 0, budget);
        Assert.True(result.Chosen.Holds);
        Assert.True(result.Plan.Quantizes);
        PlanCandidate plain = result.Candidates.Single(candidate => candidate.Name == "Float");
        Assert.InRange(result.Chosen.Bytes, 0, plain.Bytes * 0.98);
        Assert.All(result.Candidates.Where(candidate => candidate.Holds), candidate => Assert.InRange(result.Chosen.Bytes, 0, candidate.Bytes));
    }

    [Theory]
    [InlineData(Metric.Cosine, 1e-5)]
    [InlineData(Metric.KullbackLeibler, 1e-4)]
    public void A_budget_in_another_metric_is_held_by_a_mix(Metric metric, double budget)
    {
        PlanSearchResult result = new PlanSearch(new CompilerOptions { AccuracyBudget = budget, Metric = metric }, new InProcessRunner()).Run(s_transformer, new DrawnSamples(20), _folder.Path);

        Assert.InRange(result.Chosen.Error, 0, budget);
        Assert.StartsWith("Mixed", result.Chosen.Name, StringComparison.Ordinal);
    }

    [Fact]
    public void A_budget_that_no_format_holds_leaves_the_model_in_floating_point()
    {
        PlanSearchResult result = Search(1e-6, timer: null);

        Assert.False(result.Plan.Quantizes);
        Assert.Equal("Float", result.Chosen.Name);
        Assert.NotEmpty(result.Layers);
    }

    [Fact]
    public void Nothing_that_was_timed_and_holds_is_faster()
    {
        PlanSearchResult result = Search(0.02, new InProcessRunner());

        Assert.All(result.Candidates, candidate => Assert.NotNull(candidate.Milliseconds));
        Assert.All(result.Candidates.Where(candidate => candidate.Holds && candidate.Name != "Float"), candidate => Assert.InRange(result.Chosen.Milliseconds!.Value, 0, candidate.Milliseconds!.Value * 1.03));
    }

    [Fact]
    public void A_format_is_judged_by_the_error_that_it_causes_alone()
    {
        PlanSearchResult result = Search(0.05, timer: null);

        double all = result.Candidates.Single(candidate => candidate.Name == "Int4").Error;
        double together = Math.Sqrt(result.Layers.Where(layer => layer.Format == WeightFormat.Int4).Sum(layer => layer.Error * layer.Error));
        Assert.InRange(together, all / 3, all * 3);
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, ComputePrecision.BFloat16)]
    public void What_computes_in_bfloat16_is_emulated_and_not_timed(bool isOriginal, ComputePrecision? precision)
    {
        string path = s_transformer;
        if (isOriginal)
        {
            using CompilationResult narrow = new ModelCompiler(new CompilerOptions { Precision = ComputePrecision.BFloat16, Providers = ["Cuda"] }, new InProcessRunner()).Compile(s_transformer);
            ModelWriter.Write(narrow.Model, path = _folder["bfloat16.onnx"], narrow.WriteOptions);
        }

        var options = new CompilerOptions { AccuracyBudget = 0.1, Precision = precision, Providers = ["Cuda"] };
        PlanSearchResult result = new PlanSearch(options, new InProcessRunner(), new InProcessRunner()).Run(path, new DrawnSamples(20), _folder.Path);

        // No kernel takes weights of few bits and activations in bfloat16.
        PlanCandidate plain = Assert.Single(result.Candidates);
        Assert.Equal((true, null), (plain.Holds, plain.Milliseconds));
        Assert.InRange(plain.Error, 0, 0.05);
        Assert.False(result.Plan.Quantizes);
    }

    [Fact]
    public void Two_searches_for_the_smallest_model_find_the_same()
    {
        Assert.Equal(Search(0.02, timer: null).Plan.ToJson(), Search(0.02, timer: null).Plan.ToJson());
    }

    [Fact]
    public void What_costs_most_and_what_could_be_had_instead_is_found()
    {
        var search = new PlanSearch(new CompilerOptions { AccuracyBudget = 1e-3 }, new InProcessRunner());
        CompressionPlan plan = Search(1, timer: null).Plan;

        BudgetReport report = search.Explain(s_transformer, plan, new DrawnSamples(5), _folder.Path);

        Assert.Equal(["Dynamic", "Int4", "Int8", "Static"], report.Reachable.Select(candidate => candidate.Name).Order(StringComparer.Ordinal));
        Assert.Equal(report.Reachable.Min(candidate => candidate.Error), report.Reachable[0].Error);
        Assert.Equal(3, report.Worst.Length);
        Assert.Equal(report.Worst.Select(layer => layer.Error).OrderDescending(), report.Worst.Select(layer => layer.Error));
        Assert.All(report.Worst, layer => Assert.InRange(layer.Error, 1e-4, 1));
        Assert.Contains("the best that a whole model reaches is ", report.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Formats_that_come_to_the_same_are_tried_once()
    {
        var graph = new Graph("table");
        Value ids = graph.AddInput("ids", new TensorType(ElementType.Int64, Shape.Of(4)));
        float[] numbers = [.. Enumerable.Range(0, 128 * 64).Select(i => MathF.Sin(i))];
        graph.AddOutput(graph.Apply("Gather", [graph.AddInitializer("t", Tensor.Create<float>(ElementType.Float, [128, 64], numbers)), ids], "y"));
        ModelWriter.Write(new Model(graph) { IrVersion = 8, Opsets = { [""] = 17 } }, _folder["table.onnx"]);

        PlanSearchResult result = new PlanSearch(new CompilerOptions { AccuracyBudget = 0.1 }, new InProcessRunner()).Run(_folder["table.onnx"], new DrawnIndices(), _folder.Path);

        Assert.Equal(["Float", "Dynamic", "Int4"], result.Candidates.Select(candidate => candidate.Name));
    }

    [Fact]
    public void No_samples_are_one_diagnostic()
    {
        CompilationException e = Assert.Throws<CompilationException>(() => new PlanSearch(new CompilerOptions(), new InProcessRunner()).Run(s_transformer, new DrawnSamples(0), _folder.Path));

        Assert.Equal(Diagnostics.NoSamples, e.Diagnostic.Descriptor);
    }

    private PlanSearchResult Search(double budget, IModelTimer? timer) =>
        new PlanSearch(new CompilerOptions { AccuracyBudget = budget }, new InProcessRunner(), timer).Run(s_transformer, new DrawnSamples(20), _folder.Path);

    private sealed class DrawnIndices : ISampleSource
    {
        public string Description => "indices";

        public bool IsSynthetic => false;

        public IEnumerable<Sample> Read(CancellationToken cancellationToken) =>
            Enumerable.Range(0, 10).Select(i => new Sample(new Dictionary<string, Tensor> { ["ids"] = Tensor.OfInt64([i, 2 * i, 3 * i, 4 * i]) }));
    }
}
