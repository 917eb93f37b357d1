using System.Globalization;
using OptimizeTasks.Robustness.Hostile;
using Xunit.Abstractions;

namespace OptimizeTasks.Robustness.Faults;

/// <summary>
/// At every call that changes a file of the output folder the tool is killed, or the call fails. Afterwards the manifest, its
/// model and the model's data are the old ones or the new ones, and the next run tidies up.
/// </summary>
public sealed class FaultTests(ITestOutputHelper output) : IDisposable
{
    private const int DiskFull = 28, Denied = 13, BadDisk = 5;

    private WrittenFiles _files = null!;

    public void Dispose() => _files.Dispose();

    [SystemCallTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_process_that_is_killed(bool hasData) => Kill(hasData, 4);

    [SystemCallTheory]
    [Trait("Lane", "Long")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_process_that_is_killed_at_any_call(bool hasData) => Kill(hasData, 1);

    [SystemCallTheory]
    [Trait("Lane", "Long")]
    [InlineData(false, DiskFull)]
    [InlineData(false, Denied)]
    [InlineData(false, BadDisk)]
    [InlineData(true, DiskFull)]
    [InlineData(true, Denied)]
    [InlineData(true, BadDisk)]
    public void Any_call_that_fails(bool hasData, int error)
    {
        _files = new WrittenFiles(hasData);
        int count = Count(), failed = 0;
        for (int at = 0; at < count; at++)
        {
            _files.Restore();
            Watch(at, error, out string call, out MeasuredTool run);
            string when = string.Create(CultureInfo.InvariantCulture, $"after error {error} of call {at} ({call}): {string.Join(' ', run.Errors)}");
            Diagnosed.Check(run);
            failed += run.ExitCode;
            _files.AssertWhole(when);
            // What cannot be removed stays, and so do second names where files cannot come to their places.
            if (Leaves(call))
                Run();
            if (run.ExitCode == 0 || Leaves(call))
                _files.AssertNew(when);
            else
                _files.AssertOld(when);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} calls failed, {failed} runs with them"));
        Assert.InRange(failed, count / 4, count);
    }

    private static bool Leaves(string call) => new[] { "unlink", "rmdir", "rename", "link" }.Any(name => call.StartsWith(name, StringComparison.Ordinal));

    private void Kill(bool hasData, int step)
    {
        _files = new WrittenFiles(hasData);
        int count = Count();
        for (int at = 0; at < count; at += step)
        {
            _files.Restore();
            Watch(at, 0, out string call, out MeasuredTool killed);
            string when = string.Create(CultureInfo.InvariantCulture, $"after the end at call {at} ({call})");
            Assert.True(killed.ExitCode == 137, $"exit code {killed.ExitCode} {when}");
            _files.AssertWhole(when);

            // Nobody works on what is left behind.
            Run();
            _files.AssertNew("in the run " + when);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"killed at every {step}. of {count} calls"));
    }

    private int Count()
    {
        _files.Restore();
        (MeasuredTool run, string[] calls) = _files.Watch(-1, 0);
        Assert.Equal(0, run.ExitCode);
        _files.AssertNew("without any fault");
        output.WriteLine(string.Join('\n', calls));
        Assert.InRange(calls.Length, 8, 500);
        return calls.Length;
    }

    private void Watch(int at, int error, out string call, out MeasuredTool run)
    {
        (run, string[] calls) = _files.Watch(at, error);
        call = calls.Length > at ? calls[at] : "not reached";
    }

    private void Run()
    {
        Assert.Equal(0, _files.Run().ExitCode);
    }
}
