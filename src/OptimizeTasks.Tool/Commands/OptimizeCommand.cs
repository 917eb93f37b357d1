using System.CommandLine;
using OptimizeTasks.Tool.Caching;
using OptimizeTasks.Tool.Compilation;
using OptimizeTasks.Tool.Options;
using OptimizeTasks.Tool.Reporting;

namespace OptimizeTasks.Tool.Commands;

/// <summary><c>optimize IN -o OUT.onnx</c>: compiles a model as a build does.</summary>
internal static class OptimizeCommand
{
    public static Command Create(CommandContext context)
    {
        var model = new Argument<string>("MODEL") { Description = "The ONNX file." };
        Option<string> output = PathOption.Output("The file to write; its weights (.data) and its manifest (.model.json) go beside it.");
        var stopAfter = new Option<string>("--stop-after") { Description = "The last pass that runs.", HelpName = "pass" };
        Option<string> dump = PathOption.Folder("--dump", "A folder that receives the model after every pass that changed it.");
        var explain = new Option<string>("--explain") { Description = "Tells where a rule applied, where it nearly did, and what was in the way.", HelpName = "rule" };
        var noVerify = new Option<bool>("--no-verify") { Description = "Does not compare the result with the original." };
        Option<string> report = PathOption.File("--report", "Writes what was done, and how long it took, as JSON.");
        Option<string> savePlan = PathOption.File("--save-plan", "Writes which node keeps its weights in which format, as JSON that --plan takes.");
        var showPlan = new Option<bool>("--show-plan") { Description = "Prints which node keeps its weights in which format, and why." };
        var cache = new Option<bool>("--cache") { Description = "Takes the result from the cache of builds where it is there, and keeps it there." };
        var command = new Command("optimize", "Compiles a model, and compares the result with the original.") { model, output, stopAfter, dump, explain, noVerify, report, savePlan, showPlan, cache };
        // Copying into an app's folder is a project's business.
        var metadata = new MetadataOptions(command, ItemMetadata.All.Where(m => m.Name != MetadataNames.CopyToOutputDirectory));
        command.SetAction(result =>
        {
            string path = result.GetRequiredValue(model);
            string outputPath = result.GetRequiredValue(output);
            return Guard.Run(context, path, () =>
            {
                ItemSettings settings = metadata.Settings(result, new ItemSettings { GenerateSource = false });
                if (result.GetValue(noVerify))
                    settings = settings with { Verify = false };
                settings = settings with { Compiler = settings.Compiler with { StopAfter = result.GetValue(stopAfter), Explain = result.GetValue(explain), DumpFolder = result.GetValue(dump) } };
                return Run(context, new CompilationRequest
                {
                    ModelPath = path,
                    DisplayPath = path,
                    OutputPath = outputPath,
                    ReportPath = result.GetValue(report),
                    PlanPath = result.GetValue(savePlan),
                    SourcePath = settings.GenerateSource ? Path.ChangeExtension(outputPath, ".g.cs") : null,
                    Cache = result.GetValue(cache) ? CacheSettings.Of(Environment.GetEnvironmentVariable) : null,
                    Settings = settings,
                }, result.GetValue(showPlan));
            });
        });
        return command;
    }

    private static int Run(CommandContext context, CompilationRequest request, bool showPlan)
    {
        var progress = new ProgressDisplay(context.Log);
        CompilationOutput output = progress.Run(() => ModelCompilation.Run(request, context.Log, progress, context.CancellationToken));
        context.Output.WriteLine(output.Summary);
        foreach (string explanation in output.Explanations)
            context.Output.Write(explanation);
        if (output.Search is { } search)
            SearchText.Write(search, context.Output);
        if (showPlan && output.Plan is { } plan)
            PlanText.Write(plan, output.Search?.Layers ?? [], context.Output);
        return ExitCodes.Success;
    }
}
