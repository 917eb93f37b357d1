using System.Text.RegularExpressions;
using OptimizeTasks.Testing;
using OptimizeTasks.Tool.Options;

namespace OptimizeTasks.Tool.Tests;

public partial class CommandLinePageTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(Repository.Root, "docs/command-line.md"));

    [Fact]
    public void Every_option_stands_on_the_page_and_no_other()
    {
        string[] options = [.. new[] { "inspect", "optimize", "generate", "verify", "bench", "diff", "cache list", "cache clear" }
            .SelectMany(command => Options().Matches(ToolProcess.Run([.. command.Split(' '), "--help"]).Output))
            .Select(match => match.Value).Except(["--help", "--output"]).Distinct().Order(StringComparer.Ordinal)];

        Assert.True(options.Length > 25);
        Assert.Equal(options, Options().Matches(s_page).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal).Except(["--project"]));
    }

    [Fact]
    public void Every_metadata_but_the_one_for_copying_is_an_option()
    {
        string help = ToolProcess.Run("optimize", "--help").Output;

        Assert.Equal(
            [MetadataNames.CopyToOutputDirectory],
            ItemMetadata.All.Where(m => !help.Contains($"  {m.OptionName} ", StringComparison.Ordinal)).Select(m => m.Name));
    }

    [Fact]
    public void Help_calls_the_tool_by_its_name() =>
        Assert.Contains("dotnet-onnx optimize <MODEL>", ToolProcess.Run("optimize", "--help").Output, StringComparison.Ordinal);

    [Fact]
    public void The_version_is_told() => Assert.StartsWith("0.", ToolProcess.Run("--version").Output, StringComparison.Ordinal);

    [GeneratedRegex("--[a-z][a-z-]+")]
    private static partial Regex Options();
}
