namespace OptimizeTasks.EndToEnd.Projects;

/// <summary>A project in a folder of its own, outside the repository.</summary>
public sealed class TestProject
{
    private int _builds;
    private bool _isRestored;

    private TestProject(string folder, string name)
    {
        Folder = folder;
        Name = name;
    }

    /// <summary>A console app of one model, <c>Models/digits.onnx</c>, that prints the sum of the outputs.</summary>
    public static string Program => """
        using System.Numerics.Tensors;
        using Digits model = Digits.Load();
        float[] image = new float[64];
        for (int i = 0; i < image.Length; i++)
            image[i] = i / 64f;
        using Digits.Outputs result = model.Run(new ReadOnlyTensorSpan<float>(image, [1, 1, 8, 8]));
        System.Console.WriteLine($"logits: {result.Logits.FlattenedLength}");
        """;

    /// <summary>The item of <see cref="Program"/>.</summary>
    public const string DigitsItem = """<OptimizedModel Include="Models/digits.onnx" ClassName="Digits" />""";

    /// <summary>The folder of the project.</summary>
    public string Folder { get; }

    /// <summary>The project's name.</summary>
    public string Name { get; }

    /// <summary>The path of a file in the project's folder.</summary>
    public string this[string file] => Path.Combine(Folder, file);

    private string ProjectFile => this[Name + ".csproj"];

    /// <summary>An app with the given items, which has the model and <see cref="Program"/> already.</summary>
    public static TestProject App(string items = DigitsItem, string name = "App", string properties = "", string framework = "net10.0")
    {
        TestProject project = New(name, $"""
            <OutputType>Exe</OutputType>
            <TargetFramework>{framework}</TargetFramework>
            {properties}
            """,
            $"""
            <PackageReference Include="OptimizeTasks" Version="{PackedPackages.Version}" />
            <PackageReference Include="Microsoft.ML.OnnxRuntime" Version="1.29.0" />
            {items}
            """);
        project.Write("Program.cs", $"using {Namespace(name)};\n{Program}");
        project.CopyModel("Models/digits.onnx");
        return project;
    }

    /// <summary>A project of the given properties and items.</summary>
    public static TestProject New(string name, string properties, string items)
    {
        var project = new TestProject(PackedPackages.NewFolder(name), name);
        project.Write(name + ".csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                {properties}
              </PropertyGroup>
              <ItemGroup>
                {items}
              </ItemGroup>
            </Project>
            """);
        return project;
    }

    public void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[file])!);
        File.WriteAllText(this[file], text);
    }

    public string Read(string file) => File.ReadAllText(this[file]);

    public void CopyModel(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[file])!);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Models/digits.onnx"), this[file], overwrite: true);
    }

    public void Replace(string oldText, string newText)
    {
        string text = File.ReadAllText(ProjectFile);
        Assert.Contains(oldText, text, StringComparison.Ordinal);
        File.WriteAllText(ProjectFile, text.Replace(oldText, newText, StringComparison.Ordinal));
        _isRestored = false;
    }

    public void Touch(string file) => File.SetLastWriteTimeUtc(this[file], DateTime.UtcNow);

    /// <summary><c>dotnet build</c>, or another command that takes the same options.</summary>
    public BuildResult Build(params IEnumerable<string> options)
    {
        // A restore that finds nothing to do costs more than all the rest of such a build.
        BuildResult result = Run("build", _isRestored ? ["--no-restore", .. options] : options);
        _isRestored = true;
        return result;
    }

    /// <summary><c>dotnet build</c> that is expected to succeed.</summary>
    public BuildResult BuildSuccessfully(params IEnumerable<string> options) => Successful(Build(options));

    /// <summary><c>dotnet</c> with this command, which is expected to succeed.</summary>
    public BuildResult RunSuccessfully(string command, params IEnumerable<string> options) => Successful(Run(command, options));

    /// <summary>Runs a program of the project's folder, and returns what it printed.</summary>
    public string Execute(string file, params IEnumerable<string> arguments)
    {
        bool isLibrary = file.EndsWith(".dll", StringComparison.Ordinal);
        (int exitCode, string output) = DotnetProcess.Run(Path.GetTempPath(), isLibrary ? "dotnet" : this[file], isLibrary ? [this[file], .. arguments] : arguments);
        Assert.True(exitCode == 0, output);
        return output;
    }

    /// <summary>The files below a folder of the project, relative to it.</summary>
    public IEnumerable<string> Files(string folder) => Directory.Exists(this[folder])
        ? Directory.EnumerateFiles(this[folder], "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(this[folder], file).Replace('\\', '/')).Order(StringComparer.Ordinal)
        : [];

    private BuildResult Run(string command, IEnumerable<string> options)
    {
        string log = Path.Combine(Path.GetDirectoryName(Folder)!, $"log{_builds++}.binlog");
        (int exitCode, string output) = DotnetProcess.Run(Folder, "dotnet", [command, Name + ".csproj", "--nologo", "-bl:" + log, .. options]);
        return new BuildResult(exitCode, output, log);
    }

    private static BuildResult Successful(BuildResult result)
    {
        Assert.True(result.ExitCode == 0, result.Output);
        return result;
    }

    private static string Namespace(string name) => name.Replace(' ', '_');
}
