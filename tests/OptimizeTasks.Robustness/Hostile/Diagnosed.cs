using System.Text.RegularExpressions;

namespace OptimizeTasks.Robustness.Hostile;

/// <summary>What every run of the tool owes, whatever the model.</summary>
internal static partial class Diagnosed
{
    /// <summary>Success, or one error with a code that is no "unexpected failure", and no stack trace.</summary>
    public static void Check(MeasuredTool run)
    {
        string all = string.Join('\n', run.Errors);
        Assert.DoesNotContain("   at ", all, StringComparison.Ordinal);
        Assert.DoesNotContain("OPT5001", all, StringComparison.Ordinal);
        string[] errors = [.. run.Errors.Where(l => Error().IsMatch(l))];
        if (run.ExitCode == 0)
        {
            Assert.Empty(errors);
        }
        else
        {
            Assert.Equal(1, run.ExitCode);
            Assert.Single(errors);
        }

        // Everything else is a warning of the same form.
        Assert.All(run.Errors, line => Assert.Matches(" : (error|warning) OPT[0-9]{4}: ", line));
    }

    [GeneratedRegex(" : error OPT[0-9]{4}: ")]
    private static partial Regex Error();
}
