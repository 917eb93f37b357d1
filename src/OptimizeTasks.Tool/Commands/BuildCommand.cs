using System.Text.Json;
using OptimizeTasks.Compiler;
using OptimizeTasks.Tool.Caching;
using OptimizeTasks.Tool.Compilation;
using OptimizeTasks.Tool.Options;
using OptimizeTasks.Tool.Reporting;

namespace OptimizeTasks.Tool.Commands;

/// <summary><c>build OPTIONS.json</c>: what the MSBuild task asks for. Diagnostics go to standard output, where MSBuild reads them.</summary>
internal static class BuildCommand
{
    public static int Run(string optionsFile, CommandContext context) => Guard.Run(context, optionsFile, () =>
    {
        BuildOptions options = Read(optionsFile);
        return Guard.Run(context, options.DisplayPath ?? options.Model, () => Run(options, context));
    });

    private static int Run(BuildOptions options, CommandContext context)
    {
        ItemSettings? settings = Settings(options, context.Log);
        if (settings is null)
            return ExitCodes.Failure;

        string display = options.DisplayPath ?? options.Model;
        string? source = settings.GenerateSource ? options.SourceFile : null;
        IReadOnlyList<OutputFile> files;
        if (options.Mode == BuildMode.Generate)
        {
            files = source is null ? [] : ClassGeneration.Run(options.Model, display, source, settings, context.CancellationToken);
        }
        else
        {
            string output = Path.Combine(
                options.OutputFolder ?? throw Invalid("it names no outputFolder"),
                Path.GetFileName(options.TargetPath ?? options.Model));
            var request = new CompilationRequest
            {
                ModelPath = options.Model,
                DisplayPath = display,
                OutputPath = output,
                ReportPath = Path.ChangeExtension(output, ".report.json"),
                SourcePath = source,
                Cache = CacheSettings.Of(Environment.GetEnvironmentVariable) is { IsEnabled: true } cache ? cache : null,
                Settings = settings,
            };
            CompilationOutput result = ModelCompilation.Run(request, context.Log, new ProgressLines(context.Output, Path.GetFileName(display)), context.CancellationToken);
            context.Output.WriteLine(result.Summary);
            files = result.Files;
        }

        // Last: the list says that everything in it is there.
        if (options.OutputsList is { } list)
            Writing.TextIfDifferent(list, string.Concat(files.Select(f => $"{f.Kind}|{f.Path}\n")));
        return ExitCodes.Success;
    }

    private static BuildOptions Read(string path)
    {
        try
        {
            BuildOptions options = JsonSerializer.Deserialize(File.ReadAllBytes(path), BuildOptionsJson.Default.BuildOptions) ?? throw Invalid("it is empty");
            return options.Version == BuildOptions.KnownVersion ? options : throw Invalid($"it is of version {options.Version}, and this tool knows {BuildOptions.KnownVersion}");
        }
        catch (JsonException e)
        {
            throw Invalid(e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CompilationException(Diagnostics.CannotRead.Create(e.Message), e);
        }
    }

    /// <summary>The settings of all metadata; null where one of them is wrong, each with a diagnostic of its own.</summary>
    private static ItemSettings? Settings(BuildOptions options, DiagnosticLog log)
    {
        var settings = new ItemSettings { TargetPath = options.TargetPath, SampleClass = options.SampleClass };
        foreach ((string name, string value) in options.Metadata ?? new Dictionary<string, string>())
        {
            try
            {
                if (ItemMetadata.Find(name) is { } metadata)
                    settings = metadata.Apply(value, settings);
                else if (MetadataNames.NearMiss(name) is { } meant)
                    throw new CompilationException(Diagnostics.UnknownMetadata.Create($"The metadata {name} is unknown; did you mean {meant}?"));
            }
            catch (CompilationException e)
            {
                log.Report(e.Diagnostic with { File = options.DisplayPath });
            }
        }

        return log.HasErrors ? null : settings;
    }

    private static CompilationException Invalid(string why, Exception? cause = null) =>
        new(Diagnostics.InvalidOptionsFile.Create($"The options file cannot be understood: {why}"), cause);
}
