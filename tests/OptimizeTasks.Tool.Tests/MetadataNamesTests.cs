using OptimizeTasks.Tool.Options;

namespace OptimizeTasks.Tool.Tests;

public class MetadataNamesTests
{
    [Theory]
    [InlineData("Quantisation", "Quantization")]
    [InlineData("Optimisation", "Optimization")]
    [InlineData("Provider", "Providers")]
    [InlineData("Dimension", "Dimensions")]
    [InlineData("opsets", "Opset")]
    [InlineData("ClassNmae", "ClassName")]
    [InlineData("CustomOpLibrary", "CustomOpLibraries")]
    [InlineData("CopyToOutputFolder", null)]
    public void A_name_that_nearly_matches_is_found(string name, string? ours) => Assert.Equal(ours, MetadataNames.NearMiss(name));

    [Theory]
    [InlineData("Quantization")]
    [InlineData("quantization")]
    [InlineData("Link")]
    [InlineData("Visible")]
    [InlineData("Pack")]
    [InlineData("PackagePath")]
    [InlineData("DependentUpon")]
    [InlineData("Generator")]
    [InlineData("Version")]
    [InlineData("Owner")]
    [InlineData("CopyToPublishDirectory")]
    [InlineData("TargetFramework")]
    [InlineData("")]
    public void Our_own_names_and_other_peoples_are_left_alone(string name) => Assert.Null(MetadataNames.NearMiss(name));
}
