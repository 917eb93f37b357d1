using System.Xml.Linq;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Architecture.Tests;

/// <summary>The table of references in docs/architecture.md, asserted from the project files.</summary>
public class ProjectReferenceTests
{
    [Theory]
    [InlineData("OptimizeTasks.Manifest", "net8.0", "")]
    [InlineData("OptimizeTasks.Onnx", "net8.0", "Google.Protobuf")]
    [InlineData("OptimizeTasks.Compiler", "net8.0", "OptimizeTasks.Manifest OptimizeTasks.Onnx")]
    [InlineData("OptimizeTasks.Execution", "net8.0", "Microsoft.ML.OnnxRuntime OptimizeTasks.Compiler OptimizeTasks.Onnx")]
    [InlineData("OptimizeTasks.CodeGeneration", "net8.0", "Microsoft.CodeAnalysis.CSharp OptimizeTasks.Manifest")]
    [InlineData("OptimizeTasks.Tool", "net8.0", "OptimizeTasks.CodeGeneration OptimizeTasks.Compiler OptimizeTasks.Execution OptimizeTasks.Manifest OptimizeTasks.Onnx Spectre.Console System.CommandLine")]
    [InlineData("OptimizeTasks", "netstandard2.0", "Microsoft.Build.Utilities.Core")]
    [InlineData("OptimizeTasks.Runtime", "net8.0", "Microsoft.ML.OnnxRuntime.Managed OptimizeTasks.Manifest System.Numerics.Tensors")]
    public void A_project_references_what_the_table_says(string project, string framework, string references)
    {
        XDocument file = Load(project);

        Assert.Equal(framework, file.Descendants("TargetFramework").Single().Value);
        Assert.Equal(references, string.Join(' ', References(file)));
    }

    [Fact]
    public void The_table_names_every_project()
    {
        var rows = typeof(ProjectReferenceTests).GetMethod(nameof(A_project_references_what_the_table_says))!
            .GetCustomAttributesData()
            .Where(a => a.AttributeType == typeof(InlineDataAttribute))
            .Select(a => (string)((IReadOnlyList<System.Reflection.CustomAttributeTypedArgument>)a.ConstructorArguments[0].Value!)[0].Value!);

        IEnumerable<string> projects = Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(folder => Path.GetFileName(folder));
        Assert.Equal(projects.Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Raising_never_names_a_contrib_domain()
    {
        string folder = Path.Combine(Repository.Root, "src", "OptimizeTasks.Compiler", "Raising");
        IEnumerable<string> files = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories) : [];
        Assert.DoesNotContain(files, file => File.ReadAllText(file).Contains("com.microsoft", StringComparison.Ordinal));
    }

    private static XDocument Load(string project) => XDocument.Load(Path.Combine(Repository.Root, "src", project, project + ".csproj"));

    /// <summary>What a project builds on. A project reference for the build's order alone, and a package for the build alone, do not count.</summary>
    private static IEnumerable<string> References(XDocument file)
    {
        IEnumerable<string> projects = file.Descendants("ProjectReference")
            .Where(r => r.Attribute("ReferenceOutputAssembly")?.Value != "false")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
        IEnumerable<string> packages = file.Descendants("PackageReference")
            .Where(r => r.Attribute("Include")!.Value != "Grpc.Tools")
            .Select(r => r.Attribute("Include")!.Value);
        return projects.Concat(packages).Order(StringComparer.Ordinal);
    }
}
