using OptimizeTasks.EndToEnd.Projects;
using OptimizeTasks.Testing;

namespace OptimizeTasks.EndToEnd;

public sealed class CacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string[] Options => ["-p:OptimizeTasksCache=true", "-p:OptimizeTasksCachePath=" + _folder["cache of ours"]];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_one_project_compiled_no_other_compiles_again()
    {
        TestProject first = TestProject.App();
        TestProject second = TestProject.App("""<OptimizedModel Include="Models/digits.onnx" ClassName="Digits" Access="internal" />""", name: "Other");

        Assert.Equal(0, Restored(first.BuildSuccessfully(Options)));
        Assert.Equal(1, Restored(second.BuildSuccessfully(Options)));
        Assert.Equal(1, Restored(second.BuildSuccessfully([.. Options, "-c", "Release"])));
        first.RunSuccessfully("clean");
        Assert.Equal(1, Restored(first.BuildSuccessfully(Options)));

        string[] files = ["models/digits.onnx", "models/digits.model.json"];
        Assert.All(files, file => Assert.Equal(
            File.ReadAllBytes(first["bin/Debug/net10.0/" + file]),
            File.ReadAllBytes(second["bin/Release/net10.0/" + file])));
        Assert.Equal("logits: 10\n", second.Execute("bin/Release/net10.0/Other.dll"));
    }

    [Fact]
    public void Two_frameworks_compile_one_model_once()
    {
        TestProject app = TestProject.App(framework: "");
        app.Replace("<TargetFramework></TargetFramework>", "<TargetFrameworks>net8.0;net10.0</TargetFrameworks>");

        BuildResult build = app.BuildSuccessfully(Options);

        Assert.Equal(2, build.CompiledModels);
        Assert.Equal(1, Restored(build));
        app.Execute("bin/Debug/net8.0/App.dll");
    }

    [Fact]
    public void A_cache_that_cannot_be_written_costs_no_build()
    {
        TestProject app = TestProject.App();
        File.WriteAllText(_folder["file"], "in the way");

        BuildResult build = app.BuildSuccessfully("-p:OptimizeTasksCache=true", "-p:OptimizeTasksCachePath=" + _folder["file"], "-p:TreatWarningsAsErrors=true");

        Assert.Empty(build.Warnings);
        Assert.Contains(build.Messages, message => message.Contains("The cache in " + _folder["file"], StringComparison.Ordinal));
        app.Execute("bin/Debug/net10.0/App.dll");
    }

    /// <summary>How many models came from the cache.</summary>
    private static int Restored(BuildResult build) => build.Messages.Count(message => message.Contains("  [cached, ", StringComparison.Ordinal));
}
