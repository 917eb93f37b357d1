using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Tests.Samples;

public sealed class MetricTests
{
    public static TheoryData<Metric> All => [.. Enum.GetValues<Metric>()];

    [Theory]
    [MemberData(nameof(All))]
    public void Equal_outputs_lose_nothing(Metric metric)
    {
        MetricAccumulator accumulator = Of(metric, ([1, 5, 2], [1, 5, 2], 1), ([-3, 0, 4], [-3, 0, 4], 0));

        Assert.Equal(0, accumulator.Loss, 1e-12);
        Assert.Equal(accumulator.Original, accumulator.Value, 1e-12);
        Assert.Equal(2, accumulator.Samples);
    }

    [Fact]
    public void The_relative_error_is_the_root_mean_square_over_the_samples() =>
        // 0.1 and 0.3.
        Assert.Equal(Math.Sqrt((0.01 + 0.09) / 2), Of(Metric.RelativeL2, ([10, 0], [10, 1], null), ([0, 10], [0, 7], null)).Loss, 1e-6);

    [Fact]
    public void The_cosine_is_the_mean_over_the_samples()
    {
        MetricAccumulator accumulator = Of(Metric.Cosine, ([1, 0], [2, 0], null), ([1, 0], [1, 1], null));

        Assert.Equal((1 + Math.Sqrt(0.5)) / 2, accumulator.Value, 1e-9);
        Assert.Equal(1 - accumulator.Value, accumulator.Loss, 1e-12);
    }

    [Fact]
    public void Zeros_agree_with_zeros_alone() => Assert.Equal(0.5, Of(Metric.Cosine, ([0, 0], [0, 0], null), ([0, 0], [1, 0], null)).Value);

    [Fact]
    public void The_divergence_is_that_of_the_softmax()
    {
        // softmax(ln 3, 0) = (3/4, 1/4), softmax(0, 0) = (1/2, 1/2).
        double expected = (0.75 * Math.Log(1.5)) + (0.25 * Math.Log(0.5));

        Assert.Equal(expected, Of(Metric.KullbackLeibler, ([MathF.Log(3), 0], [0, 0], null)).Loss, 1e-6);
        Assert.Equal(expected, Of(Metric.KullbackLeibler, ([1e4f + MathF.Log(3), 1e4f], [7, 7], null)).Loss, 1e-3);
        Assert.Equal(0, Of(Metric.KullbackLeibler, ([0, float.NegativeInfinity], [3, float.NegativeInfinity], null)).Loss);
        Assert.Equal(double.PositiveInfinity, Of(Metric.KullbackLeibler, ([0, 0], [0, float.NegativeInfinity], null)).Loss);
    }

    [Fact]
    public void Agreement_is_the_share_of_rows()
    {
        MetricAccumulator accumulator = Of(Metric.Top1Agreement, ([1, 2, 3], [1, 3, 2], null), ([1, 2, 3], [0, 0, 1], null), ([1, 2, 3], [7, 8, 9], null), ([1, 2, 3], [1, 2, 3], null));

        Assert.Equal(0.75, accumulator.Value);
        Assert.Equal(0.25, accumulator.Loss);
    }

    [Fact]
    public void Accuracy_is_that_of_either_model()
    {
        MetricAccumulator accumulator = Of(Metric.Accuracy, ([1, 2], [2, 1], 1), ([1, 2], [1, 2], 1), ([1, 2], [1, 2], 0), ([2, 1], [2, 1], 0));

        Assert.Equal((0.75, 0.5, 0.25), (accumulator.Original, accumulator.Value, accumulator.Loss));
    }

    [Fact]
    public void A_model_that_gained_accuracy_lost_less_than_nothing() => Assert.Equal(-1, Of(Metric.Accuracy, ([1, 2], [2, 1], 0)).Loss);

    [Fact]
    public void A_model_may_name_the_class_itself()
    {
        var accumulator = MetricAccumulator.Of(Metric.Accuracy);
        accumulator.Add(Output(Tensor.OfInt64(4, 5)), Output(Tensor.OfInt64(4, 6)), Tensor.OfInt64(4, 5));

        Assert.Equal((1, 0.5), (accumulator.Original, accumulator.Value));
    }

    [Theory]
    [InlineData(Metric.RelativeL2)]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.KullbackLeibler)]
    public void Not_a_number_is_an_infinite_loss(Metric metric) => Assert.Equal(double.PositiveInfinity, Of(metric, ([1, 2], [1, 2], 1), ([1, 2], [float.NaN, 2], 1)).Loss);

    [Theory]
    [InlineData(Metric.Top1Agreement)]
    [InlineData(Metric.Accuracy)]
    public void Not_a_number_is_never_the_greatest(Metric metric) => Assert.Equal(1, Of(metric, ([2, 1], [float.NaN, 1], 0)).Loss);

    [Fact]
    public void The_worst_output_counts()
    {
        foreach (Metric metric in new[] { Metric.RelativeL2, Metric.Cosine, Metric.KullbackLeibler, Metric.Top1Agreement })
        {
            var accumulator = MetricAccumulator.Of(metric);
            var expected = new Dictionary<string, Tensor> { ["a"] = Row(1, 2), ["b"] = Row(1, 2), ["c"] = Row(1, 2) };
            accumulator.Add(expected, new Dictionary<string, Tensor> { ["a"] = Row(1, 2), ["b"] = Row(2, 1), ["c"] = Row(1, 2) }, null);

            Assert.Equal(Of(metric, ([1, 2], [2, 1], null)).Loss, accumulator.Loss);
        }
    }

    [Theory]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.KullbackLeibler)]
    [InlineData(Metric.Top1Agreement)]
    [InlineData(Metric.Accuracy)]
    public void A_model_without_scores_cannot_be_measured_so(Metric metric)
    {
        IReadOnlyDictionary<string, Tensor> truth = Output(Tensor.Create<bool>(ElementType.Bool, [1, 2], [true, false]));

        CompilationException e = Assert.Throws<CompilationException>(() => MetricAccumulator.Of(metric).Add(truth, truth, Tensor.OfInt64(0)));

        Assert.Equal("OPT5009", e.Diagnostic.Code);
        Assert.Contains(metric.ToString(), e.Diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Accuracy_needs_a_label_for_each_row()
    {
        Assert.Contains("no labels", Refused(null), StringComparison.Ordinal);
        Assert.Contains("2 labels, and the output 'y' 1 rows", Refused(Tensor.OfInt64(1, 2)), StringComparison.Ordinal);

        static string Refused(Tensor? label) => Assert.Throws<CompilationException>(() => MetricAccumulator.Of(Metric.Accuracy).Add(Output(Row(1, 2)), Output(Row(1, 2)), label)).Diagnostic.Message;
    }

    private static MetricAccumulator Of(Metric metric, params (float[] Expected, float[] Actual, long? Label)[] samples)
    {
        var accumulator = MetricAccumulator.Of(metric);
        foreach ((float[] expected, float[] actual, long? label) in samples)
            accumulator.Add(Output(Row(expected)), Output(Row(actual)), label is { } index ? Tensor.OfInt64(index) : null);
        return accumulator;
    }

    private static Tensor Row(params float[] numbers) => Tensor.Create<float>(ElementType.Float, [1, numbers.Length], numbers);

    private static Dictionary<string, Tensor> Output(Tensor tensor) => new() { ["y"] = tensor };
}
