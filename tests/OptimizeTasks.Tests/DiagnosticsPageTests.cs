using System.Reflection;
using OptimizeTasks.Compiler;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Tests;

public class DiagnosticsPageTests
{
    private static readonly string[] s_lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs/diagnostics.md"));

    private static readonly DiagnosticDescriptor[] s_descriptors =
    [
        .. typeof(Diagnostics).GetProperties(BindingFlags.Public | BindingFlags.Static).Select(property => property.GetValue(null)).OfType<DiagnosticDescriptor>(),
    ];

    public static TheoryData<string> Codes => [.. s_descriptors.Select(descriptor => descriptor.Code)];

    [Theory]
    [MemberData(nameof(Codes))]
    public void Every_diagnostic_stands_on_the_page_with_its_remedy(string code)
    {
        DiagnosticDescriptor descriptor = s_descriptors.Single(candidate => candidate.Code == code);
        int heading = Array.IndexOf(s_lines, "### " + code);
        Assert.True(heading >= 0, $"docs/diagnostics.md has no section '### {code}'");
        string[] section = [.. s_lines.Skip(heading + 1).TakeWhile(line => !line.StartsWith('#'))];

        Assert.Contains(section, line => line.StartsWith($"**{descriptor.Title}** ({descriptor.Severity})", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(descriptor.Remedy, section);
    }

    [Fact]
    public void The_page_has_no_other_codes() => Assert.Equal(
        s_descriptors.Select(descriptor => "### " + descriptor.Code).Order(StringComparer.Ordinal),
        s_lines.Where(line => line.StartsWith("### ", StringComparison.Ordinal)));
}
