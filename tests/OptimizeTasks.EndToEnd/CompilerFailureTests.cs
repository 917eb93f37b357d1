using System.Diagnostics;
using System.Globalization;
using System.Text;
using OptimizeTasks.EndToEnd.Projects;

namespace OptimizeTasks.EndToEnd;

public class CompilerFailureTests
{
    private const string Program = "OptimizeTasks.Tool.dll";

    [Fact]
    public void A_compiler_that_crashes_is_one_diagnostic()
    {
        TestProject app = TestProject.App();
        string tool = CopyTool(app);
        File.WriteAllText(Path.Combine(tool, Program), "no assembly");

        BuildResult build = app.Build(Use(tool));

        AssertOnlyError(build, "OPT5021");
        app.BuildSuccessfully();
    }

    [UnixFact]
    public void A_compiler_that_hangs_is_ended_with_one_error()
    {
        TestProject app = TestProject.App();
        string tool = CopyTool(app);
        MakeHang(tool);

        BuildResult build = app.Build(Use(tool), "-p:OptimizeTasksTimeout=3");

        AssertOnlyError(build, "OPT5022");
        Assert.Empty(ProcessesOf(tool));
        app.BuildSuccessfully();
    }

    [UnixFact]
    public void A_cancelled_build_ends_the_compiler_and_leaves_nothing_half_written()
    {
        TestProject app = TestProject.App();
        string tool = CopyTool(app);
        MakeHang(tool);
        var output = new StringBuilder();
        using Process build = DotnetProcess.Start(app.Folder, "dotnet", ["build", "App.csproj", "--no-restore", Use(tool)], output);
        Assert.True(SpinWait.SpinUntil(() => ProcessesOf(tool).Any(), TimeSpan.FromMinutes(2)), output.ToString());

        // Only the build gets the signal here, not its children as in a terminal: it has to end the compiler itself.
        using Process interrupt = Process.Start("kill", ["-INT", build.Id.ToString(CultureInfo.InvariantCulture)]);
        Assert.True(build.WaitForExit(TimeSpan.FromMinutes(1)), output.ToString());

        Assert.NotEqual(0, build.ExitCode);
        Assert.True(SpinWait.SpinUntil(() => !ProcessesOf(tool).Any(), TimeSpan.FromSeconds(20)));
        Assert.All(app.Files("obj").Where(file => file.Contains("OptimizeTasks/", StringComparison.Ordinal)), file => Assert.EndsWith(".options.json", file, StringComparison.Ordinal));
        app.BuildSuccessfully();
    }

    private static void AssertOnlyError(BuildResult build, string code)
    {
        Assert.NotEqual(0, build.ExitCode);
        Assert.True(build.Errors.Count == 1, build.Output);
        Assert.Equal((code, "Models/digits.onnx"), (build.Errors[0].Code, build.Errors[0].File));
    }

    private static string Use(string tool) => "-p:OptimizeTasksTool=" + Path.Combine(tool, Program);

    /// <summary>The tool, to be broken.</summary>
    private static string CopyTool(TestProject app)
    {
        app.RunSuccessfully("restore");
        string copy = app["tool of my own"];
        Directory.CreateDirectory(copy);
        foreach (string file in Directory.EnumerateFiles(PackedPackages.Tool))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return copy;
    }

    /// <summary>A part of it becomes a pipe that nobody writes: loading it never ends.</summary>
    private static void MakeHang(string tool)
    {
        string part = Path.Combine(tool, "OptimizeTasks.Compiler.dll");
        File.Delete(part);
        using Process make = Process.Start("mkfifo", [part]);
        make.WaitForExit();
        Assert.Equal(0, make.ExitCode);
    }

    /// <summary>The command lines of processes that run the tool in this folder.</summary>
    private static IEnumerable<string> ProcessesOf(string tool) => Directory.EnumerateDirectories("/proc")
        .Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]))
        .Select(CommandLine)
        .Where(command => command.Contains("exec\0" + Path.Combine(tool, Program), StringComparison.Ordinal));

    private static string CommandLine(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline"));
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return "";
        }
    }
}
