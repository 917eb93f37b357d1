using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Tests.Samples;

public sealed class SampleSplitTests
{
    [Theory]
    [InlineData(12, new[] { 0, 1, 2, 3, 5, 6, 7, 8, 10, 11 }, new[] { 4, 9 })]
    [InlineData(5, new[] { 0, 1, 2, 3 }, new[] { 4 })]
    [InlineData(4, new[] { 0, 1, 2, 3 }, new[] { 0, 1, 2, 3 })]
    public void What_is_measured_on_was_not_calibrated_on_where_there_is_enough(int count, int[] calibration, int[] heldOut)
    {
        var source = new Numbers(count);

        Assert.Equal(calibration, Read(SampleSplit.Calibration(source)));
        Assert.Equal(heldOut, Read(SampleSplit.HeldOut(source)));

        static int[] Read(ISampleSource samples) => [.. samples.Read(default).Select(s => (int)s.Inputs["x"].Read<long>()[0])];
    }

    private sealed class Numbers(int count) : ISampleSource
    {
        public string Description => "numbers";

        public bool IsSynthetic => false;

        public IEnumerable<Sample> Read(CancellationToken cancellationToken) =>
            Enumerable.Range(0, count).Select(i => new Sample(new Dictionary<string, Tensor> { ["x"] = Tensor.OfInt64(i) }));
    }
}
