using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Execution.Tests;

public sealed class ModelMeterTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);
    private readonly TemporaryFolder _folder = new();
    private readonly ModelMeter _meter = new(Worker.Command);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_run_is_timed_and_the_outputs_come_back()
    {
        string path = Write(Models.Of("Neg", ElementType.Float));

        ModelMeasurement measured = _meter.Measure(path, new SessionSettings(), Models.Inputs(Tensor.OfFloat(3)), ["y"], 7, s_limit, CancellationToken.None);

        Assert.Equal(-3, measured.Outputs["y"].Read<float>()[0]);
        Assert.Equal(7, measured.RunMilliseconds.Length);
        Assert.All(measured.RunMilliseconds.Append(measured.LoadMilliseconds).Append(measured.FirstRunMilliseconds), time => Assert.InRange(time, 1e-6, s_limit.TotalMilliseconds));
    }

    [Fact]
    public void The_peak_is_that_of_the_model_alone()
    {
        long small = Peak(1 << 10), large = Peak(64 << 20);

        // Inputs come through a pipe and are copied once, outputs twice.
        Assert.InRange(large - small, 100 << 20, 1000 << 20);

        long Peak(int bytes)
        {
            string path = Write(Models.Of("Neg", ElementType.Float));
            Tensor input = Tensor.Create<float>(ElementType.Float, [bytes / 4], new float[bytes / 4]);
            return _meter.Measure(path, new SessionSettings(), Models.Inputs(input), ["y"], 1, s_limit, CancellationToken.None).PeakBytes;
        }
    }

    [Fact]
    public void A_model_that_hangs_is_ended_at_the_limit()
    {
        string path = Write(Models.Endless());

        ModelRunException e = Assert.Throws<ModelRunException>(
            () => _meter.Measure(path, new SessionSettings(), Models.Inputs(Tensor.OfFloat(0)), ["y"], 1, TimeSpan.FromSeconds(2), CancellationToken.None));

        Assert.Equal(ModelRunFault.TimeLimit, e.Fault);
    }

    [Theory]
    [InlineData("Cuda")]
    [InlineData("Qnn")]
    public void A_provider_that_is_not_there_is_a_fault(string provider)
    {
        string path = Write(Models.Of("Neg", ElementType.Float));

        ModelRunException e = Assert.Throws<ModelRunException>(
            () => _meter.Measure(path, new SessionSettings { Provider = provider }, Models.Inputs(Tensor.OfFloat(0)), ["y"], 1, s_limit, CancellationToken.None));

        Assert.Equal(ModelRunFault.Load, e.Fault);
    }

    private string Write(Model model)
    {
        ModelWriter.Write(model, _folder["m.onnx"]);
        return _folder["m.onnx"];
    }
}
