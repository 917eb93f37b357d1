using System.Runtime.InteropServices;
using OptimizeTasks.EndToEnd.Projects;

namespace OptimizeTasks.EndToEnd;

public class PublishTests
{
    private static readonly string s_program = OperatingSystem.IsWindows() ? "published/App.exe" : "published/App";

    [Fact]
    public void A_published_app_has_its_models()
    {
        TestProject app = TestProject.App();

        app.RunSuccessfully("publish", "-o", app["published"]);

        Assert.Equal("logits: 10\n", app.Execute("published/App.dll"));
    }

    [Fact]
    [Trait("Lane", "Long")]
    public void A_trimmed_single_file_runs()
    {
        TestProject app = TestProject.App(properties: $"""
            <RuntimeIdentifier>{RuntimeInformation.RuntimeIdentifier}</RuntimeIdentifier>
            <PublishSingleFile>true</PublishSingleFile>
            <PublishTrimmed>true</PublishTrimmed>
            <SelfContained>true</SelfContained>
            """);

        BuildResult publish = app.RunSuccessfully("publish", "-o", app["published"]);

        Assert.DoesNotContain(publish.Warnings, IsAboutOurs);
        Assert.DoesNotContain("App.dll", app.Files("published"));
        Assert.Equal("logits: 10\n", app.Execute(s_program));
    }

    [Fact]
    [Trait("Lane", "Long")]
    public void A_native_program_runs()
    {
        TestProject app = TestProject.App(framework: "net8.0", properties: $"""
            <RuntimeIdentifier>{RuntimeInformation.RuntimeIdentifier}</RuntimeIdentifier>
            <PublishAot>true</PublishAot>
            """);

        BuildResult publish = app.RunSuccessfully("publish", "-o", app["published"]);

        Assert.DoesNotContain(publish.Warnings, IsAboutOurs);
        Assert.DoesNotContain("App.dll", app.Files("published"));
        Assert.Equal("logits: 10\n", app.Execute(s_program));
    }

    private static bool IsAboutOurs(Microsoft.Build.Logging.StructuredLogger.AbstractDiagnostic warning) =>
        warning.Code.StartsWith("OPT", StringComparison.Ordinal)
        || (warning.Code.StartsWith("IL", StringComparison.Ordinal) && warning.Text.Contains("OptimizeTasks", StringComparison.Ordinal));
}
