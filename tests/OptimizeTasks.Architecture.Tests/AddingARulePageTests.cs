using System.Text.RegularExpressions;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Architecture.Tests;

/// <summary>docs/adding-a-rule.md shows a rule and its test as they stand in the sources, which are compiled and run.</summary>
public partial class AddingARulePageTests
{
    private const int MostLines = 30;

    private static readonly string s_page = Read("docs/adding-a-rule.md");

    [Fact]
    public void The_rule_on_the_page_is_the_one_in_the_sources() => Assert.Equal(Code(Read("src/OptimizeTasks.Compiler/Raising/Mish.cs")), Code(Snippets()[0]));

    [Fact]
    public void The_test_on_the_page_is_the_one_in_the_tests() =>
        Assert.Contains(Snippets()[1].Trim(), Read("tests/OptimizeTasks.Compiler.Tests/Raising/ActivationTests.cs"), StringComparison.Ordinal);

    [Fact]
    public void A_rule_with_its_test_takes_few_lines() => Assert.InRange(Snippets().Sum(s => s.Trim().Split('\n').Length), 1, MostLines - 1);

    /// <summary>What the page says a rule can use.</summary>
    [Theory]
    [InlineData("Rewriting/Patterns/Rule.cs", "Refuse(", "Put(", "Exposed(", "Result")]
    [InlineData("Rewriting/Patterns/OperatorPattern.cs", "IsShareable")]
    [InlineData("Rewriting/Patterns/Patch.cs", "Replace(", "Apply(")]
    [InlineData("Rewriting/Patterns/Formula.cs", "Pattern Any(", "Pattern Op(", "Pattern Product(", "Pattern Tanh(")]
    [InlineData("Raising/RaiseActivations.cs", "new Mish()")]
    public void What_the_page_names_exists(string file, params string[] names)
    {
        string source = Read("src/OptimizeTasks.Compiler/" + file);
        Assert.All(names, name => Assert.Contains(name, source, StringComparison.Ordinal));
        Assert.All(names, name => Assert.Contains(Word().Matches(name).Last().Value, s_page, StringComparison.Ordinal));
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path)).ReplaceLineEndings("\n");

    private static string[] Snippets() => [.. Snippet().Matches(s_page).Select(m => m.Groups[1].Value)];

    /// <summary>The class without comments and what stands before it.</summary>
    private static string Code(string source) =>
        string.Join('\n', source[source.IndexOf("internal sealed class", StringComparison.Ordinal)..].Split('\n').Where(l => !l.TrimStart().StartsWith("///", StringComparison.Ordinal))).Trim();

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Snippet();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();
}
