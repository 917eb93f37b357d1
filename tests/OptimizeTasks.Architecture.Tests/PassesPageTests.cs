using System.Text.RegularExpressions;
using OptimizeTasks.Compiler;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Architecture.Tests;

/// <summary>docs/passes.md names every pass and rule, and no other.</summary>
public partial class PassesPageTests
{
    [Fact]
    public void The_page_lists_the_pipeline()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "passes.md"));
        Assert.Equal(ModelCompiler.PassNames.Concat(ModelCompiler.RuleNames).Order(StringComparer.Ordinal), Row().Matches(page).Select(row => row.Groups[1].Value).Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"^\| `(\w+)`", RegexOptions.Multiline)]
    private static partial Regex Row();
}
