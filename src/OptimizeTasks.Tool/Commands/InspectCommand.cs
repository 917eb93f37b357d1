using System.CommandLine;
using System.Text.Json;
using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;
using OptimizeTasks.Tool.Compilation;
using OptimizeTasks.Tool.Inspection;
using OptimizeTasks.Tool.Options;

namespace OptimizeTasks.Tool.Commands;

/// <summary><c>inspect MODEL</c>: what a model consists of. Runs nothing.</summary>
internal static class InspectCommand
{
    public static Command Create(CommandContext context)
    {
        var model = new Argument<string>("MODEL") { Description = "The ONNX file." };
        Option<string> format = FormatOption.Create();
        var command = new Command("inspect", "Shows inputs, outputs, operators, weights and sizes of a model.") { model, format };
        command.SetAction(result =>
        {
            string path = result.GetRequiredValue(model);
            return Guard.Run(context, path, () => Run(path, result.GetValue(format) == FormatOption.Json, context));
        });
        return command;
    }

    private static int Run(string path, bool json, CommandContext context)
    {
        MemoryLimit.Set(path);
        using Model model = ModelFiles.Read(path, cancellationToken: context.CancellationToken);
        ModelSummary summary = ModelInspector.Inspect(model, path);
        if (json)
            context.Output.WriteLine(JsonSerializer.Serialize(summary, SummaryJson.Default.ModelSummary));
        else
            SummaryText.Write(summary, context.Output);
        return ExitCodes.Success;
    }
}
