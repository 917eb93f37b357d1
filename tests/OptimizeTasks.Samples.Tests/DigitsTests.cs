using System.Globalization;
using System.Text.RegularExpressions;

namespace OptimizeTasks.Samples.Tests;

public sealed partial class DigitsTests
{
    [Fact]
    public void The_compiled_models_answer_as_the_originals_do()
    {
        string[] lines = SampleProgram.Run("Digits");

        Assert.Equal(2, lines.Length);
        Check(lines[0], "digits-cnn", atLeast: 98.8);
        Check(lines[1], "digits-transformer", atLeast: 94.8);
    }

    private static void Check(string line, string name, double atLeast)
    {
        Match match = Line().Match(line);
        Assert.True(match.Success, line);
        Assert.Equal(name, match.Groups["name"].Value);
        Assert.InRange(double.Parse(match.Groups["original"].Value, CultureInfo.InvariantCulture), atLeast, 100);
        Assert.Equal(match.Groups["original"].Value, match.Groups["compiled"].Value);
        Assert.Equal("500 of 500", match.Groups["same"].Value);
    }

    [GeneratedRegex(@"^(?<name>\S+) +original (?<original>[\d.]+) %, compiled (?<compiled>[\d.]+) %, same answer for (?<same>\d+ of \d+) digits$")]
    private static partial Regex Line();
}
