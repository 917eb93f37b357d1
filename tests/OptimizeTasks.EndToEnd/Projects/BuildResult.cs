using Microsoft.Build.Logging.StructuredLogger;

namespace OptimizeTasks.EndToEnd.Projects;

/// <summary>What a build did, from its binary log.</summary>
public sealed class BuildResult
{
    private readonly Build _log;

    public BuildResult(int exitCode, string output, string log)
    {
        ExitCode = exitCode;
        Output = output;
        _log = BinaryLog.ReadBuild(log);
    }

    public int ExitCode { get; }

    public string Output { get; }

    /// <summary>How many items were handed to the tool: each is one process of ours.</summary>
    public int CompiledModels => _log.FindChildrenRecursive<Microsoft.Build.Logging.StructuredLogger.Task>(task => task.Name == "CompileOptimizedModel").Count;

    /// <summary>Whether the C# compiler ran.</summary>
    public bool RanCsc => _log.FindChildrenRecursive<Microsoft.Build.Logging.StructuredLogger.Task>(task => task.Name == "Csc").Count > 0;

    /// <summary>The errors, each once.</summary>
    public IReadOnlyList<AbstractDiagnostic> Errors => [.. _log.FindChildrenRecursive<Error>().DistinctBy(error => (error.Code, error.File, error.Text))];

    /// <summary>The warnings, each once.</summary>
    public IReadOnlyList<AbstractDiagnostic> Warnings => [.. _log.FindChildrenRecursive<Warning>().DistinctBy(warning => (warning.Code, warning.File, warning.Text))];

    /// <summary>What our targets took together.</summary>
    public TimeSpan TimeOfOurTargets => _log.FindChildrenRecursive<Target>(IsOurs).Aggregate(TimeSpan.Zero, (sum, target) => sum + target.Duration);

    /// <summary>Our targets, with their times.</summary>
    public string OurTargets => string.Join(", ", _log.FindChildrenRecursive<Target>(IsOurs).Select(target => $"{target.Name} {target.Duration.TotalMilliseconds:0.0} ms"));

    /// <summary>The texts of all messages.</summary>
    public IEnumerable<string> Messages => _log.FindChildrenRecursive<Message>().Select(message => message.Text);

    private static bool IsOurs(Target target) => Path.GetFileName(target.SourceFilePath) == "OptimizeTasks.targets";
}
