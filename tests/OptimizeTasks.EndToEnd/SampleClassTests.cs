using Microsoft.Build.Logging.StructuredLogger;
using OptimizeTasks.EndToEnd.Projects;

namespace OptimizeTasks.EndToEnd;

/// <summary>Samples that a class of the project makes.</summary>
public class SampleClassTests
{
    private const string Item = """
        <OptimizedModel Include="Models/digits.onnx" ClassName="Digits" Quantization="Static" CalibrationData="Calibration/DigitSamples.cs;Calibration/Pictures.cs" Label="label" Metric="Top1Agreement" />
        """;

    /// <summary>Uses a type of a package, another file, the implicit usings, and a file of the project's folder.</summary>
    private const string Samples = """
        using System.Numerics.Tensors;

        namespace App.Calibration;

        public static class DigitSamples
        {
            public static IEnumerable<IReadOnlyDictionary<string, Array>> Samples()
            {
                int count = int.Parse(File.ReadAllText("Calibration/count.txt"));
                for (int i = 0; i < count; i++)
                {
                    float[] pixels = Pictures.Draw(i);
                    float greatest = TensorPrimitives.Max<float>(pixels);
                    yield return new Dictionary<string, Array> { ["image"] = Array.ConvertAll(pixels, p => p / greatest), ["label"] = new[] { i % 10 } };
                }
            }
        }
        """;

    private const string Pictures = """
        namespace App.Calibration;

        internal static partial class Pictures
        {
            [System.Text.RegularExpressions.GeneratedRegex("[0-9]+")]
            private static partial System.Text.RegularExpressions.Regex Number();

            public static float[] Draw(int seed)
            {
                var random = new Random(int.Parse(Number().Match($"seed {seed}").Value));
                return Enumerable.Range(0, 64).Select(_ => 1 + random.NextSingle()).ToArray();
            }
        }
        """;

    [Fact]
    public void A_class_of_the_project_calibrates_the_projects_model()
    {
        TestProject app = App();
        // It is a part of the app as well.
        app.Write("Program.cs", app.Read("Program.cs") + "\nConsole.WriteLine(App.Calibration.DigitSamples.Samples().First().Count);");

        BuildResult first = app.BuildSuccessfully();

        Assert.Empty(first.Warnings);
        Assert.Equal(1, first.CompiledModels);
        Assert.Contains("DigitSamples.cs, 20 samples, four of five", Report(app), StringComparison.Ordinal);
        Assert.Contains("QLinearConv", Report(app), StringComparison.Ordinal);
        Assert.DoesNotContain(app.Files("bin"), file => file.Contains(".samples.", StringComparison.Ordinal));

        BuildResult second = app.BuildSuccessfully();
        Assert.Equal((0, false), (second.CompiledModels, second.RanCsc));
        app.BuildSuccessfully("/question");

        app.Write("Calibration/Pictures.cs", Pictures.Replace("1 +", "2 +", StringComparison.Ordinal));
        Assert.NotEqual(0, app.Build("/question").ExitCode);
        Assert.Equal(1, app.BuildSuccessfully().CompiledModels);
        Assert.Equal(0, app.BuildSuccessfully().CompiledModels);

        // Another source of the app is none of the samples'.
        app.Write("Other.cs", "class Other { }");
        BuildResult other = app.BuildSuccessfully();
        Assert.Equal((0, true), (other.CompiledModels, other.RanCsc));

        app.RunSuccessfully("clean");
        Assert.DoesNotContain(app.Files("obj"), file => file.Contains(".samples.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_class_that_fails_is_one_diagnostic_and_the_next_build_recovers()
    {
        TestProject app = App();

        File.Delete(app["Calibration/count.txt"]);
        AssertOnlyError(app, "OPT5012", "DigitSamples threw FileNotFoundException in DigitSamples.cs, line 9");
        app.Write("Calibration/count.txt", "0");
        AssertOnlyError(app, "OPT5011", "gives no samples");
        app.Write("Calibration/count.txt", "20");
        app.Write("Calibration/DigitSamples.cs", Samples.Replace("\"image\"", "\"picture\"", StringComparison.Ordinal));
        AssertOnlyError(app, "OPT5009", "Sample 1: There is no array 'image' for an input (there are picture, label)");
        app.Write("Calibration/DigitSamples.cs", Samples.Replace("Pictures.Draw(i)", "Pictures.Paint(i)", StringComparison.Ordinal));
        AssertOnlyError(app, "CS0117", "'Paint'");

        app.Write("Calibration/DigitSamples.cs", Samples);
        Assert.Equal(1, app.BuildSuccessfully().CompiledModels);
    }

    [Fact]
    public void A_design_time_build_runs_no_class()
    {
        TestProject app = App();
        app.Write("Calibration/DigitSamples.cs", "no C#");
        app.RunSuccessfully("restore");

        app.RunSuccessfully("msbuild", "-t:Compile", "-p:DesignTimeBuild=true", "-p:SkipCompilerExecution=true", "-p:ProvideCommandLineArgs=true");

        Assert.DoesNotContain(app.Files("obj"), file => file.Contains(".samples.", StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_class_is_compiled_and_run_with_is_known_to_the_build()
    {
        TestProject library = TestProject.New("Library", "<TargetFramework>net10.0</TargetFramework>", "");
        library.Write("Scale.cs", "namespace Library; public static class Scale { public static int By() => 1; }");
        // Namespaces that the class is not compiled with.
        TestProject app = App($"""
            <ProjectReference Include="{library["Library.csproj"]}" />
            <Using Include="App.Rest" />
            <Using Include="global::App.Other" />
            """);
        app.Write("Rest.cs", "namespace App.Rest { class A { } } namespace App.Other { class B { } }");
        app.Write("Calibration/Pictures.cs", Pictures.Replace("1 +", "Extra + Library.Scale.By() +", StringComparison.Ordinal).Replace("public static float", """
            #if TWICE
                const int Extra = 2;
            #else
                const int Extra = 1;
            #endif
                public static float
            """, StringComparison.Ordinal));
        Assert.Equal(1, app.BuildSuccessfully().CompiledModels);
        Assert.Equal(0, app.BuildSuccessfully().CompiledModels);

        // The reference assembly stays as it is.
        library.Write("Scale.cs", library.Read("Scale.cs").Replace('1', '3'));
        Assert.Equal(1, app.BuildSuccessfully().CompiledModels);
        Assert.Equal(0, app.BuildSuccessfully().CompiledModels);

        app.Replace("<Nullable>", "<DefineConstants>$(DefineConstants);TWICE</DefineConstants><Nullable>");
        Assert.Equal(1, app.BuildSuccessfully().CompiledModels);
        Assert.Equal(0, app.BuildSuccessfully().CompiledModels);
    }

    [Fact]
    public void Another_language_is_one_diagnostic()
    {
        BuildResult build = App().Build("-p:Language=VB");

        AbstractDiagnostic error = Assert.Single(build.Errors);
        Assert.Equal(("OPT5009", "App.csproj"), (error.Code, Path.GetFileName(error.File)));
        Assert.Contains("in C# projects alone", error.Text, StringComparison.Ordinal);
    }

    private static TestProject App(string items = "")
    {
        TestProject app = TestProject.App(Item + items, properties: "<ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable>");
        app.Write("Calibration/DigitSamples.cs", Samples);
        app.Write("Calibration/Pictures.cs", Pictures);
        app.Write("Calibration/count.txt", "20");
        return app;
    }

    private static string Report(TestProject app) => app.Read("obj/Debug/net10.0/OptimizeTasks/models/digits/digits.report.json");

    private static void AssertOnlyError(TestProject app, string code, string reason)
    {
        BuildResult build = app.Build();

        Assert.NotEqual(0, build.ExitCode);
        AbstractDiagnostic error = Assert.Single(build.Errors);
        Assert.Equal((code, "DigitSamples.cs"), (error.Code, Path.GetFileName(error.File)));
        Assert.Contains(reason, error.Text, StringComparison.Ordinal);
    }
}
