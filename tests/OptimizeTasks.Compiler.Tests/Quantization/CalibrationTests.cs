using OptimizeTasks.Compiler.Calibration;
using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Quantization;

public sealed class CalibrationTests
{
    /// <summary>Bins are merged where larger numbers come: it must not matter when they do.</summary>
    [Fact]
    public void A_histogram_does_not_depend_on_order_or_pieces()
    {
        var random = new Random(1);
        float[] numbers = [.. Enumerable.Range(0, 5000).Select(i => (float)((random.NextDouble() - 0.3) * Math.Pow(2, (i / 250) - 8)))];
        float[] reversed = [.. Enumerable.Reverse(numbers)];
        var whole = new ActivationStatistics(hasHistogram: true);
        var pieces = new ActivationStatistics(hasHistogram: true);
        Assert.True(whole.TryAdd(reversed));
        foreach (float[] piece in numbers.Chunk(37))
            Assert.True(pieces.TryAdd(piece));

        Assert.Equal(whole.Histogram!.Counts.ToArray(), pieces.Histogram!.Counts.ToArray());
        Assert.Equal((numbers.Min(), numbers.Max()), (pieces.Least, pieces.Greatest));
        Assert.Equal(numbers.Length, pieces.Histogram.Counts.ToArray().Sum());
        for (int bin = 0; bin < Histogram.BinCount; bin++)
        {
            double start = whole.Histogram.Start(bin), end = start + whole.Histogram.Width;
            Assert.Equal(numbers.Count(n => n >= start && n < end), whole.Histogram.Counts[bin]);
        }
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(float.Epsilon)]
    [InlineData(float.MaxValue)]
    [InlineData(-float.MaxValue)]
    public void The_smallest_and_largest_numbers_have_bins(float number)
    {
        var statistics = new ActivationStatistics(hasHistogram: true);
        Assert.True(statistics.TryAdd([number]));
        Assert.Equal(1, statistics.Histogram!.Counts.ToArray().Sum());
        foreach (CalibrationMethod method in Enum.GetValues<CalibrationMethod>())
            Assert.True(float.IsNormal(ActivationScale.Asymmetric(CalibratedRange.Of(statistics, method)).Scale));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Numbers_that_are_not_finite_are_found_wherever_they_stand(float number)
    {
        for (int i = 0; i < 70; i++)
        {
            var numbers = new float[70];
            numbers[i] = number;
            Assert.False(new ActivationStatistics(hasHistogram: false).TryAdd(numbers));
        }
    }

    /// <summary>Among many numbers of ordinary size a few are far away: every method but the plain one leaves them out, and loses less.</summary>
    [Fact]
    public void Methods_leave_outliers_out()
    {
        var random = new Random(2);
        float[] numbers = [.. Enumerable.Range(0, 200_000).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))), 40];
        var statistics = new ActivationStatistics(hasHistogram: true);
        Assert.True(statistics.TryAdd(numbers));
        Dictionary<CalibrationMethod, ActivationRange> ranges = Enum.GetValues<CalibrationMethod>().ToDictionary(m => m, m => CalibratedRange.Of(statistics, m));

        Assert.Equal(new ActivationRange(numbers.Min(), 40), ranges[CalibrationMethod.MinMax]);
        Assert.InRange(ranges[CalibrationMethod.Percentile].Greatest, 4, 6);
        Assert.InRange(ranges[CalibrationMethod.Entropy].Greatest, 3, 35);
        Assert.InRange(ranges[CalibrationMethod.MeanSquaredError].Greatest, 3, 35);
        Assert.True(Error(CalibrationMethod.MeanSquaredError) <= Error(CalibrationMethod.MinMax) * 0.9);
        Assert.All(Enum.GetValues<CalibrationMethod>(), method => Assert.True(Error(CalibrationMethod.MeanSquaredError) <= Error(method) * 1.001));

        double Error(CalibrationMethod method)
        {
            ActivationScale scale = ActivationScale.Asymmetric(ranges[method]);
            return numbers.Sum(n => Math.Pow(n - ((Math.Clamp(Math.Round(n / scale.Scale) + scale.ZeroPoint, 0, 255) - scale.ZeroPoint) * scale.Scale), 2));
        }
    }

    /// <summary>Signed codes reach as far on both sides: what is right for unsigned ones wastes half of them, and costs more than the best.</summary>
    [Fact]
    public void Ranges_fit_the_codes_that_they_are_for()
    {
        var random = new Random(3);
        float[] numbers = [.. Enumerable.Range(0, 100_000).Select(i => (float)(-Math.Log(1 - random.NextDouble()) * (i % 50 == 0 ? -3 : 1)))];
        var statistics = new ActivationStatistics(hasHistogram: true);
        Assert.True(statistics.TryAdd(numbers));
        Dictionary<CalibrationMethod, double> errors = Enum.GetValues<CalibrationMethod>().ToDictionary(m => m, m => Error(CalibratedRange.Of(statistics, m, isSymmetric: true)));

        Assert.All(errors.Values, error => Assert.True(errors[CalibrationMethod.MeanSquaredError] <= error * 1.001));
        Assert.True(errors[CalibrationMethod.MeanSquaredError] < Error(CalibratedRange.Of(statistics, CalibrationMethod.MeanSquaredError)));
        Assert.True(Divergence(CalibratedRange.Of(statistics, CalibrationMethod.Entropy, isSymmetric: true)) < Divergence(CalibratedRange.Of(statistics, CalibrationMethod.MinMax)));

        double Divergence(ActivationRange range) => HistogramDivergence.Of(statistics.Histogram!, range, isSymmetric: true);

        double Error(ActivationRange range)
        {
            ActivationScale scale = ActivationScale.Symmetric(range);
            return numbers.Sum(n => Math.Pow(n - (Math.Clamp(Math.Round(n / scale.Scale), -127, 127) * scale.Scale), 2));
        }
    }

    [Theory]
    [InlineData(-1.0, 3.0)]
    [InlineData(0.5, 3.0)]
    [InlineData(-3.0, -0.5)]
    public void Every_range_has_0(double least, double greatest)
    {
        ActivationScale scale = ActivationScale.Asymmetric(new ActivationRange(least, greatest));
        Assert.InRange(scale.ZeroPoint, 0, 255);
        Assert.InRange((255 - scale.ZeroPoint) * scale.Scale, Math.Max(0, greatest) - (scale.Scale / 2), Math.Max(0, greatest) + (scale.Scale / 2));
        Assert.InRange(-scale.ZeroPoint * scale.Scale, Math.Min(0, least) - (scale.Scale / 2), Math.Min(0, least) + (scale.Scale / 2));
    }

    /// <summary>Samples of different lengths; with room for a single value a sample is run for each.</summary>
    [Fact]
    public void A_small_budget_takes_more_runs_and_gives_the_same_ranges()
    {
        Model model = Model(17, g =>
        {
            Value x = g.Apply("Relu", [g.Apply("MatMul", [g.Input("n", "s", "8"), g.Normal("w", 8, 8)], "p")], "r");
            return g.Apply("Softmax", [g.Apply("MatMul", [x, g.Normal("wq", 8, 8)], "q")], "y");
        });
        ShapeInference.Run(model);
        Value[] values = [.. new[] { "x", "p", "r", "q", "y" }.Select(name => model.Graph.Find(name)!)];
        Dictionary<string, Tensor>[] samples = [.. Enumerable.Range(1, 5).Select(size => Agreement.Draw(model.Graph, size))];
        var options = new CompilerOptions { CalibrationMethod = CalibrationMethod.MeanSquaredError };

        (ActivationRange[] usual, int usualRuns) = Run(64 << 20);
        (ActivationRange[] small, int smallRuns) = Run(1);

        Assert.Equal(usual, small);
        Assert.Equal((5, 20), (usualRuns, smallRuns));
        Assert.Equal(2, model.Graph.Outputs.Count + 1);

        (ActivationRange[] Ranges, int Runs) Run(long budget)
        {
            var context = new PassContext(model, options, null, _ => { }, null, CancellationToken.None);
            var probe = new ValueProbe(context, new InProcessRunner()) { Budget = budget };
            (IReadOnlyDictionary<Value, ActivationRange> ranges, int count) = ActivationCalibration.Run(values, new MemorySamples(samples), probe, context);
            Assert.Equal(5, count);
            return ([.. values.Select(v => ranges[v])], probe.Runs);
        }
    }

    /// <summary>The model reduces activations itself, unless somebody else looks at them.</summary>
    [Theory]
    [InlineData(1f, 5)]
    [InlineData(5e37f, 10)]
    public void Ends_alone_take_one_run_and_are_those_of_the_values(float scale, int expectedRuns)
    {
        Model model = Model(17, g =>
        {
            Value x = g.Apply("Mul", [g.Input("n", "s", "8"), g.AddInitializer("scale", Tensor.OfFloat(scale))], "p");
            return g.Apply("Relu", [g.Apply("Abs", [x], "a")], "y");
        });
        ShapeInference.Run(model);
        Value[] values = [.. new[] { "x", "p", "a", "y" }.Select(name => model.Graph.Find(name)!)];
        Dictionary<string, Tensor>[] samples = [.. Enumerable.Range(1, 5).Select(size => Agreement.Draw(model.Graph, size))];
        int nodes = model.Graph.Nodes.Count();

        (ActivationRange[] reduced, int runs) = Run();
        (ActivationRange[] looked, _) = Run(new ActivationObserver(values[1], _ => true));

        Assert.Equal(looked, reduced);
        Assert.All(reduced, range => Assert.True(range.Greatest > 0));
        Assert.Equal(expectedRuns, runs);
        Assert.Equal((nodes, 1), (model.Graph.Nodes.Count(), model.Graph.Outputs.Count));

        (ActivationRange[] Ranges, int Runs) Run(params ActivationObserver[] others)
        {
            var context = new PassContext(model, new CompilerOptions(), null, _ => { }, null, CancellationToken.None);
            var probe = new ValueProbe(context, new InProcessRunner());
            (IReadOnlyDictionary<Value, ActivationRange> ranges, _) = ActivationCalibration.Run(values, new MemorySamples(samples), probe, context, others);
            return ([.. values.Select(v => ranges[v])], probe.Runs);
        }
    }
}
