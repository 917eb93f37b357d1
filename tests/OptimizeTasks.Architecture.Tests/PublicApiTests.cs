using System.Reflection;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Architecture.Tests;

/// <summary>
/// The public API is what stands in <c>PublicApi/</c>: a change to it is made on purpose. To record one, run the tests with
/// the variable <c>OPTIMIZETASKS_RECORD_API=1</c> and commit what that writes.
/// </summary>
public class PublicApiTests
{
    [Theory]
    [InlineData("OptimizeTasks.Manifest")]
    [InlineData("OptimizeTasks.Onnx")]
    [InlineData("OptimizeTasks.Compiler")]
    [InlineData("OptimizeTasks.Execution")]
    [InlineData("OptimizeTasks.CodeGeneration")]
    [InlineData("OptimizeTasks.Runtime")]
    public void The_public_api_is_the_recorded_one(string assembly)
    {
        string file = Path.Combine(Repository.Root, "tests", "OptimizeTasks.Architecture.Tests", "PublicApi", assembly + ".txt");
        string actual = PublicApi.Of(Assembly.Load(assembly));
        if (Environment.GetEnvironmentVariable("OPTIMIZETASKS_RECORD_API") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
        }

        Assert.Equal(File.ReadAllText(file), actual, ignoreLineEndingDifferences: true);
    }
}
