using OptimizeTasks.Compiler;
using OptimizeTasks.Tool.Reporting;

namespace OptimizeTasks.Tool.Tests;

public class ProgressDisplayTests
{
    private readonly StringWriter _output = new();

    [Fact]
    public void Work_is_shown_while_it_lasts_and_diagnostics_come_behind_it()
    {
        var log = new DiagnosticLog(_output);
        var display = new ProgressDisplay(log) { IsShown = true, Patience = TimeSpan.Zero };

        int result = display.Run(() =>
        {
            Assert.True(SpinWait.SpinUntil(() => log.IsHeld, TimeSpan.FromMinutes(1)));
            display.Report(new CompilationProgress("[Simplify]", 0.5));
            log.Report(Diagnostics.VerificationSkipped.Create("So it is"));
            Assert.Empty(_output.ToString());
            return 7;
        });

        Assert.Equal(7, result);
        Assert.Contains("OPT2002", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_of_the_work_gets_through()
    {
        var display = new ProgressDisplay(new DiagnosticLog(_output)) { IsShown = true, Patience = TimeSpan.Zero };

        Assert.Throws<InvalidDataException>(() => display.Run<int>(() => throw new InvalidDataException()));
    }

    [Fact]
    public void A_build_hears_of_long_work_only()
    {
        var lines = new ProgressLines(_output, "m.onnx");

        lines.Report(new CompilationProgress("Verifying", 0.9));

        Assert.Empty(_output.ToString());
    }
}
