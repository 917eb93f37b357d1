using System.CommandLine;
using System.CommandLine.Help;

namespace OptimizeTasks.Tool.Commands;

/// <summary>The commands that people call.</summary>
internal static class CommandLine
{
    /// <summary>Parses the arguments and runs the command.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(string[] arguments, CommandContext context)
    {
        // No RootCommand: it would call itself by the name of the assembly.
        var root = new Command("dotnet-onnx", "Inspects, optimizes, compares and measures ONNX models, and generates the C# classes that run them.")
        {
            new HelpOption(),
            new VersionOption(),
            InspectCommand.Create(context),
            OptimizeCommand.Create(context),
            GenerateCommand.Create(context),
            VerifyCommand.Create(context),
            BenchCommand.Create(context),
            DiffCommand.Create(context),
            CacheCommand.Create(context),
        };
        // A file name may begin with @: no response files.
        ParseResult result = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (result.Errors.Count == 0)
            return result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null, Output = context.Output });

        foreach (string message in result.Errors.Select(e => e.Message).Distinct())
            Console.Error.WriteLine(message);
        string command = result.CommandResult.Command == root ? "" : result.CommandResult.Command.Name + " ";
        Console.Error.WriteLine($"See: dotnet onnx {command}--help");
        return ExitCodes.Usage;
    }
}
