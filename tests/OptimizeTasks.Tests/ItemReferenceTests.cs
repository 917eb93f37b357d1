using System.Xml.Linq;
using OptimizeTasks.Testing;
using OptimizeTasks.Tool.Options;

namespace OptimizeTasks.Tests;

public class ItemReferenceTests
{
    [Fact]
    public void Every_metadata_has_a_row_on_the_page() => Assert.Equal(
        MetadataNames.All,
        File.ReadLines(Path.Combine(Repository.Root, "docs/item-reference.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('`')[1]));

    [Fact]
    public void Every_metadata_takes_its_default_from_a_property()
    {
        XElement definition = XDocument.Load(Path.Combine(Repository.Root, "build/OptimizeTasks.props")).Descendants("OptimizedModel").Single();

        Assert.Equal(
            MetadataNames.All.Select(name => (name, $"$(OptimizedModelDefault{name})")),
            definition.Elements().Select(element => (element.Name.LocalName, element.Value)));
    }
}
