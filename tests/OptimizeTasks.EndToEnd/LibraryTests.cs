using OptimizeTasks.EndToEnd.Projects;

namespace OptimizeTasks.EndToEnd;

public class LibraryTests
{
    private const string LibrarySource = """
        using System.Numerics.Tensors;

        namespace Library;

        public static class Reader
        {
            public static nint Read()
            {
                using Digits model = Digits.Load();
                using Digits.Outputs result = model.Run(new ReadOnlyTensorSpan<float>(new float[64], [1, 1, 8, 8]));
                return result.Logits.FlattenedLength;
            }
        }
        """;

    private const string AppSource = """System.Console.WriteLine($"logits: {Library.Reader.Read()}");""";

    [Fact]
    public void Models_of_a_library_flow_to_the_app_that_references_the_project()
    {
        TestProject library = Library("net8.0");
        TestProject app = App($"""<ProjectReference Include="{library["Library.csproj"]}" />""");

        BuildResult first = app.BuildSuccessfully();

        Assert.Equal(1, first.CompiledModels);
        Assert.Empty(first.Warnings);
        Assert.Equal("logits: 10\n", app.Execute("bin/Debug/net10.0/App.dll"));
        BuildResult second = app.BuildSuccessfully();
        Assert.Equal(0, second.CompiledModels);
        app.BuildSuccessfully("/question");

        app.RunSuccessfully("publish", "-o", app["published"]);
        Assert.Equal("logits: 10\n", app.Execute("published/App.dll"));
    }

    [Fact]
    public void Models_of_a_packed_library_flow_to_every_app_behind_it()
    {
        TestProject library = Library("net8.0;net10.0");
        library.RunSuccessfully("pack", "-o", PackedPackages.Feed);
        TestProject between = TestProject.New("Between", "<TargetFramework>net8.0</TargetFramework>", """<PackageReference Include="Library" Version="1.0.0" />""");
        between.RunSuccessfully("pack", "-o", PackedPackages.Feed);

        TestProject direct = App("""<PackageReference Include="Library" Version="1.0.0" />""");
        BuildResult build = direct.BuildSuccessfully();
        Assert.Equal(0, build.CompiledModels);
        Assert.Empty(build.Warnings);
        Assert.Equal("logits: 10\n", direct.Execute("bin/Debug/net10.0/App.dll"));

        TestProject indirect = App("""<PackageReference Include="Between" Version="1.0.0" />""");
        indirect.BuildSuccessfully();
        Assert.Equal("logits: 10\n", indirect.Execute("bin/Debug/net10.0/App.dll"));

        // The same files arrive by the package and by the project: they are one.
        TestProject project = TestProject.New("Project", "<TargetFramework>net8.0</TargetFramework>", """<PackageReference Include="Library" Version="1.0.0" />""");
        TestProject both = App($"""<ProjectReference Include="{project["Project.csproj"]}" />""");
        both.RunSuccessfully("publish", "-o", both["published"]);
        Assert.Equal("logits: 10\n", both.Execute("published/App.dll"));
    }

    [Fact]
    public void An_app_without_a_native_library_is_warned()
    {
        TestProject library = Library("net8.0");
        TestProject app = App($"""<ProjectReference Include="{library["Library.csproj"]}" />""");
        app.Replace("""<PackageReference Include="Microsoft.ML.OnnxRuntime" Version="1.29.0" />""", "");

        Assert.Equal(["OPT5025"], app.BuildSuccessfully().Warnings.Select(warning => warning.Code));
        app.Replace("<OutputType>", "<NoWarn>$(NoWarn);OPT5025</NoWarn><OutputType>");
        Assert.Empty(app.BuildSuccessfully().Warnings);
    }

    private static TestProject Library(string frameworks)
    {
        TestProject library = TestProject.New("Library", $"<TargetFrameworks>{frameworks}</TargetFrameworks>", $"""
            <PackageReference Include="OptimizeTasks" Version="{PackedPackages.Version}" />
            {TestProject.DigitsItem}
            """);
        library.CopyModel("Models/digits.onnx");
        library.Write("Reader.cs", LibrarySource);
        return library;
    }

    private static TestProject App(string reference)
    {
        TestProject app = TestProject.New("App", "<OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework>", $"""
            {reference}
            <PackageReference Include="Microsoft.ML.OnnxRuntime" Version="1.29.0" />
            """);
        app.Write("Program.cs", AppSource);
        return app;
    }
}
