using Microsoft.Build.Utilities;

namespace OptimizeTasks.Tests;

public class CheckOnnxRuntimePackagesTests
{
    [Fact]
    public void An_app_without_the_native_library_is_warned() => Assert.Equal(["OPT5025"], Check(("/p/libother.so", "linux-x64", "Other")));

    [Fact]
    public void One_package_for_every_platform_is_right() => Assert.Empty(Check(
        ("/p/libonnxruntime.so", "linux-x64", "Microsoft.ML.OnnxRuntime"),
        ("/p/onnxruntime.dll", "win-x64", "Microsoft.ML.OnnxRuntime"),
        ("/p/libonnxruntime_providers_shared.so", "linux-x64", "Microsoft.ML.OnnxRuntime")));

    [Fact]
    public void Packages_for_different_platforms_are_right() => Assert.Empty(Check(
        ("/p/libonnxruntime.so", "linux-x64", "Microsoft.ML.OnnxRuntime.Gpu.Linux"),
        ("/p/onnxruntime.dll", "win-x64", "Microsoft.ML.OnnxRuntime.Gpu.Windows")));

    [Fact]
    public void Two_packages_for_one_platform_are_a_warning() => Assert.Equal(["OPT5026"], Check(
        ("/p/libonnxruntime.so", "linux-x64", "Microsoft.ML.OnnxRuntime"),
        ("/q/libonnxruntime.so", "linux-x64", "Microsoft.ML.OnnxRuntime.Gpu.Linux")));

    private static IEnumerable<string> Check(params (string Path, string Platform, string Package)[] files)
    {
        var engine = new RecordingEngine();
        var task = new CheckOnnxRuntimePackages { BuildEngine = engine, Project = "/app/App.csproj", NativeFiles = [.. files.Select(Item)] };
        Assert.True(task.Execute());
        Assert.All(engine.Warnings, warning => Assert.Equal("/app/App.csproj", warning.File));
        return engine.Warnings.Select(warning => warning.Code);
    }

    private static TaskItem Item((string Path, string Platform, string Package) file)
    {
        var item = new TaskItem(file.Path);
        item.SetMetadata("RuntimeIdentifier", file.Platform);
        item.SetMetadata("NuGetPackageId", file.Package);
        return item;
    }
}
