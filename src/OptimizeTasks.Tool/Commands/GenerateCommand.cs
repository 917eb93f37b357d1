using System.CommandLine;
using OptimizeTasks.Tool.Compilation;
using OptimizeTasks.Tool.Options;

namespace OptimizeTasks.Tool.Commands;

/// <summary><c>generate IN -o FILE.g.cs</c>: the class alone. Runs nothing.</summary>
internal static class GenerateCommand
{
    private static readonly string[] s_metadata =
    [
        MetadataNames.ClassName, MetadataNames.Namespace, MetadataNames.Access, MetadataNames.Providers,
        MetadataNames.Contracts, MetadataNames.Dimensions, MetadataNames.TargetPath,
    ];

    public static Command Create(CommandContext context)
    {
        var model = new Argument<string>("MODEL") { Description = "The ONNX file." };
        Option<string> output = PathOption.Output("The C# file to write.");
        var command = new Command("generate", "Generates the class of a model, as a project with this model would get it.") { model, output };
        var metadata = new MetadataOptions(command, ItemMetadata.All.Where(m => s_metadata.Contains(m.Name)));
        command.SetAction(result =>
        {
            string path = result.GetRequiredValue(model);
            return Guard.Run(context, path, () =>
            {
                ClassGeneration.Run(path, path, result.GetRequiredValue(output), metadata.Settings(result, new ItemSettings()), context.CancellationToken);
                return ExitCodes.Success;
            });
        });
        return command;
    }
}
