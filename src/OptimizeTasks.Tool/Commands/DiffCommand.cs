using System.CommandLine;
using System.Text.Json;
using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;
using OptimizeTasks.Tool.Comparison;
using OptimizeTasks.Tool.Options;

namespace OptimizeTasks.Tool.Commands;

/// <summary><c>diff A B</c>: what changed from one model to another. Runs nothing.</summary>
internal static class DiffCommand
{
    public static Command Create(CommandContext context)
    {
        var first = new Argument<string>("A") { Description = "The ONNX file before." };
        var second = new Argument<string>("B") { Description = "The ONNX file after." };
        var weights = new Option<bool>("--weights") { Description = "Also compares what the weights contain, byte by byte." };
        Option<string> format = FormatOption.Create();
        var command = new Command("diff", "Shows what changed between two models: interface, operators, nodes, initializers and bytes.") { first, second, weights, format };
        command.SetAction(result =>
        {
            string a = result.GetRequiredValue(first), b = result.GetRequiredValue(second);
            return Guard.Run(context, a, () => Run(a, b, result.GetValue(weights), result.GetValue(format) == FormatOption.Json, context));
        });
        return command;
    }

    private static int Run(string a, string b, bool weights, bool json, CommandContext context)
    {
        using Model first = ModelFiles.Read(a, cancellationToken: context.CancellationToken);
        using Model second = ModelFiles.Read(b, cancellationToken: context.CancellationToken);
        ModelDifference difference = ModelComparison.Compare((a, first), (b, second), weights, context.CancellationToken);
        if (json)
            context.Output.WriteLine(JsonSerializer.Serialize(difference, DifferenceJson.Default.ModelDifference));
        else
            DifferenceText.Write(difference, context.Output);
        return ExitCodes.Success;
    }
}
