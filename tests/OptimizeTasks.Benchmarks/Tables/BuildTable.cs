using System.Globalization;
using OptimizeTasks.Benchmarks.Measuring;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>A build with nothing to do: a project with models beside one with the same packages and none.</summary>
internal static class BuildTable
{
    private const int Count = 20;
    private const int Items = 3;

    public static void Print(TextWriter output)
    {
        string feed = Workspace.File("feed");
        // Packages of an earlier run have the same version.
        foreach (string folder in new[] { feed, Workspace.File("packages") }.Where(Directory.Exists))
            Directory.Delete(folder, recursive: true);
        foreach (string project in new[] { "OptimizeTasks", "OptimizeTasks.Runtime", "OptimizeTasks.Manifest" })
            ChildProcess.Run(Repository.Root, "dotnet", "pack", $"src/{project}", "-c", Workspace.Configuration, "-o", feed);
        string with = Project("WithModels", feed, Items);
        string without = Project("WithoutModels", feed, 0);
        Measurement[][] runs = Rounds.Run(Count, () => Build(with), () => Build(without));

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"dotnet build --no-restore with nothing to do, {Count} pairs in turn:\n"));
        output.WriteLine("| | minimum, s | median, s |");
        output.WriteLine("| --- | --- | --- |");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {Items} models | {runs[0].Minimum():F3} | {runs[0].Median():F3} |"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| the same packages, no model | {runs[1].Minimum():F3} | {runs[1].Median():F3} |"));
        double pairs = Rounds.Median(runs[0].Zip(runs[1], (a, b) => a.Time / b.Time));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nRatio: {runs[0].Minimum() / runs[1].Minimum():F3} of the minima, {pairs:F3} median of the pairs."));
    }

    private static Measurement Build(string folder) => ChildProcess.Run(folder, "dotnet", "build", "--no-restore", "--nologo");

    /// <summary>A console app outside the repository's own build, restored and built.</summary>
    private static string Project(string name, string feed, int items)
    {
        string folder = Path.Combine(Workspace.Folder, "noop", name);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        foreach (string file in new[] { "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props" })
            File.WriteAllText(Path.Combine(folder, file), "<Project />");
        IEnumerable<string> models = Enumerable.Range(0, items).Select(i => $"<OptimizedModel Include=\"model{i}.onnx\" ClassName=\"Model{i}\" />");
        for (int i = 0; i < items; i++)
            File.Copy(Path.Combine(Repository.Root, "samples", "Digits", "digits-cnn.onnx"), Path.Combine(folder, $"model{i}.onnx"));
        File.WriteAllText(Path.Combine(folder, "Program.cs"), "System.Console.WriteLine();");
        File.WriteAllText(Path.Combine(folder, name + ".csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <RestoreAdditionalProjectSources>{feed};{Path.Combine(Repository.Root, "artifacts", "feed")}</RestoreAdditionalProjectSources>
                <RestorePackagesPath>{Workspace.File("packages")}</RestorePackagesPath>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="OptimizeTasks" Version="0.1.0" />
                <PackageReference Include="Microsoft.ML.OnnxRuntime" Version="1.29.0" />
                {string.Concat(models)}
              </ItemGroup>
            </Project>
            """);
        ChildProcess.Run(folder, "dotnet", "build", "--nologo");
        return folder;
    }
}
