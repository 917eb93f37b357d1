using OptimizeTasks.EndToEnd.Projects;

namespace OptimizeTasks.EndToEnd;

public class BadInputTests
{
    [Fact]
    public void Every_bad_model_is_one_diagnostic_and_the_next_build_recovers()
    {
        TestProject app = TestProject.App();
        byte[] model = File.ReadAllBytes(app["Models/digits.onnx"]);

        File.Delete(app["Models/digits.onnx"]);
        AssertOnlyError(app, "OPT1001", "Models/digits.onnx");
        File.WriteAllBytes(app["Models/digits.onnx"], []);
        AssertOnlyError(app, "OPT1002", "Models/digits.onnx");
        File.WriteAllText(app["Models/digits.onnx"], "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n");
        AssertOnlyError(app, "OPT1002", "Models/digits.onnx");
        File.WriteAllBytes(app["Models/digits.onnx"], model[..(model.Length / 2)]);
        AssertOnlyError(app, "OPT1003", "Models/digits.onnx");
        Assert.DoesNotContain(app.Files("obj"), file => Path.GetFileName(file) is "digits.onnx" or "digits.g.cs" or "digits.model.json" || file.Contains(".partial", StringComparison.Ordinal));

        File.WriteAllBytes(app["Models/digits.onnx"], model);
        app.BuildSuccessfully();
        app.Execute("bin/Debug/net10.0/App.dll");
    }

    [Fact]
    public void Every_bad_metadata_is_one_diagnostic_and_the_next_build_recovers()
    {
        TestProject app = TestProject.App();

        AssertOnlyErrorWith("Optimization=\"Fulll\"", "OPT5002", "Models/digits.onnx");
        AssertOnlyErrorWith("Opset=\"many\"", "OPT5002", "Models/digits.onnx");
        AssertOnlyErrorWith("CustomOpLibraries=\"ops.so\"", "OPT5004", "Models/digits.onnx");
        AssertOnlyErrorWith("Quantisation=\"Dynamic\"", "OPT5003", app["App.csproj"]);
        AssertOnlyErrorWith("TargetPath=\"../digits.onnx\"", "OPT5002", app["App.csproj"]);
        app.BuildSuccessfully();

        void AssertOnlyErrorWith(string metadata, string code, string file)
        {
            app.Replace("ClassName=\"Digits\"", "ClassName=\"Digits\" " + metadata);
            AssertOnlyError(app, code, file);
            app.Replace(metadata, "");
        }
    }

    [Fact]
    public void Two_models_for_one_place_are_one_diagnostic()
    {
        TestProject app = TestProject.App(TestProject.DigitsItem + """<OptimizedModel Include="Models/other/digits.onnx" ClassName="Other" />""");
        app.CopyModel("Models/other/digits.onnx");

        AssertOnlyError(app, "OPT5023", app["App.csproj"]);
    }

    private static void AssertOnlyError(TestProject app, string code, string file)
    {
        BuildResult build = app.Build();

        Assert.NotEqual(0, build.ExitCode);
        Assert.True(build.Errors.Count == 1, build.Output);
        Assert.Equal((code, file), (build.Errors[0].Code, build.Errors[0].File));
        Assert.DoesNotContain("   at ", build.Output, StringComparison.Ordinal);
    }
}
