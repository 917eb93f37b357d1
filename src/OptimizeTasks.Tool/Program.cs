using System.Text;
using OptimizeTasks.Execution;
using OptimizeTasks.Tool.Commands;
using OptimizeTasks.Tool.Reporting;
using OptimizeTasks.Tool.Samples;

namespace OptimizeTasks.Tool;

/// <summary>
/// One executable with two faces: the commands that people call, and three that only programs call. Those start often, and
/// do without the command line's parser.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is ["worker"])
            return RunWorker();

        if (arguments is ["samples", var assembly])
            return RunSamples(assembly);

        using var signals = new TerminationSignals();
        using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true };
        return arguments is ["build", var optionsFile]
            ? BuildCommand.Run(optionsFile, new CommandContext(output, new DiagnosticLog(output), signals.Token))
            : CommandLine.Run(arguments, new CommandContext(output, new DiagnosticLog(Console.Error), signals.Token));
    }

    // Methods of their own, so that other commands do not load what it names.
    private static int RunWorker() => WorkerHost.Run();

    private static int RunSamples(string assembly) => SampleClassServer.Run(assembly);
}
