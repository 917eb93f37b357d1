using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;
using OptimizeTasks.Tool.Compilation;

namespace OptimizeTasks.Tool.Commands;

/// <summary>Turns every failure of a command into one diagnostic and an exit code.</summary>
internal static class Guard
{
    /// <summary>The variable that adds the stack trace of an unexpected failure.</summary>
    private const string DebugVariable = "OPTIMIZETASKS_DEBUG";

    /// <summary>Runs a command.</summary>
    /// <param name="context">Receives the diagnostic.</param>
    /// <param name="file">What a diagnostic names that knows no file of its own.</param>
    /// <param name="command">The command; it returns the exit code.</param>
    public static int Run(CommandContext context, string? file, Func<int> command)
    {
        try
        {
            return command();
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            context.Log.Report(Diagnostics.Cancelled.Create("Cancelled", file));
            return ExitCodes.Cancelled;
        }
        catch (Exception e)
        {
            Diagnostic diagnostic = Describe(e);
            context.Log.Report(diagnostic with { File = diagnostic.File ?? file });
            if (Environment.GetEnvironmentVariable(DebugVariable) == "1")
                Console.Error.WriteLine(e);
            return ExitCodes.Failure;
        }
    }

    private static Diagnostic Describe(Exception exception) => exception switch
    {
        CompilationException e => e.Diagnostic,
        ModelFormatException e => ModelFiles.Descriptor(e.Fault).Create(e.Message),
        ModelRunException e => Diagnostics.RunnerFailed.Create(e.Message),
        // Reading says what it cannot read; what is left are files that are written.
        IOException or UnauthorizedAccessException => Diagnostics.CannotWrite.Create(exception.Message),
        OutOfMemoryException when MemoryLimit.Current is { } limit => Diagnostics.InvalidGraph.Create($"The model has so many parts that they take more than the {limit / 1_000_000} MB of memory that a file of its size may take"),
        OutOfMemoryException => Diagnostics.RunnerFailed.Create("There is not enough memory"),
        _ => Diagnostics.UnexpectedFailure.Create($"{exception.GetType().Name}: {exception.Message}"),
    };
}
