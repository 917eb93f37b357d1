using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using OptimizeTasks.Compiler;
using OptimizeTasks.Contract;
using OptimizeTasks.Processes;

namespace OptimizeTasks;

/// <summary>Runs the tool for one prepared item, in a process of its own: what it loads or breaks stays out of the build.</summary>
public sealed class CompileOptimizedModel : ToolTask
{
    /// <summary>The tool makes files in folders of this name, and moves them when all is well.</summary>
    private const string UnfinishedFolders = "*.partial";

    /// <summary>How many of the last lines on the error stream a crash is reported with.</summary>
    private const int ReportedErrorLines = 3;

    private readonly Queue<string> _errorLines = new();
    private bool _cancelled;

    /// <summary>The assembly of the tool.</summary>
    [Required]
    public string Tool { get; set; } = "";

    /// <summary>The item, as <see cref="PrepareOptimizedModels"/> returns it.</summary>
    [Required]
    public ITaskItem Model { get; set; } = new TaskItem();

    /// <summary>The seconds after which the tool is ended.</summary>
    public int TimeLimit { get; set; }

    /// <summary>The page that explains the diagnostics.</summary>
    public string HelpFile { get; set; } = "";

    /// <summary>Properties that the tool finds in its environment, each as <c>name=value</c>: how the cache is used changes no result.</summary>
    public string[] ToolSettings { get; set; } = [];

    /// <inheritdoc/>
    protected override string ToolName => "dotnet";

    /// <inheritdoc/>
    protected override Encoding StandardOutputEncoding => Encoding.UTF8;

    /// <inheritdoc/>
    protected override Encoding StandardErrorEncoding => Encoding.UTF8;

    /// <summary>High, as the line that says where an assembly went: a plain build shows what became of each model.</summary>
    protected override MessageImportance StandardOutputLoggingImportance => MessageImportance.High;

    /// <inheritdoc/>
    protected override MessageImportance StandardErrorLoggingImportance => MessageImportance.Low;

    private string OutputsListPath => Model.GetMetadata("OutputsList");

    /// <inheritdoc/>
    public override bool Execute()
    {
        Timeout = TimeLimit > 0 ? (int)Math.Min(TimeLimit * 1000L, int.MaxValue) : System.Threading.Timeout.Infinite;
        EnvironmentVariables = ToolSettings;
        DateTime started = DateTime.UtcNow;
        bool succeeded = base.Execute() && !Log.HasLoggedErrors;
        if (succeeded)
        {
            Finish(started);
            return true;
        }

        // A tool that was ended at its limit has reported nothing, and MSBuild asks for no reason.
        if (!_cancelled && !Log.HasLoggedErrors)
            Report(Diagnostics.CompilerTimedOut.Create($"The compiler did not finish within {TimeLimit.ToString(CultureInfo.InvariantCulture)} seconds and was ended"));
        CleanUp();
        return false;
    }

    /// <inheritdoc/>
    public override void Cancel()
    {
        _cancelled = true;
        base.Cancel();
    }

    /// <inheritdoc/>
    protected override string? GenerateFullPathToTool()
    {
        string? host = DotnetHost.Find(Environment.GetEnvironmentVariable);
        if (host is null)
            Report(Diagnostics.DotnetNotFound.Create("The program dotnet was not found"));
        return host;
    }

    /// <inheritdoc/>
    protected override string GenerateCommandLineCommands()
    {
        var command = new CommandLineBuilder();
        command.AppendSwitch("exec");
        command.AppendFileNameIfNotNull(Tool);
        command.AppendSwitch("build");
        command.AppendFileNameIfNotNull(Model.GetMetadata("OptionsFile"));
        return command.ToString();
    }

    /// <inheritdoc/>
    protected override void LogToolCommand(string message) => Log.LogMessage(MessageImportance.Low, "{0}", message);

    /// <inheritdoc/>
    protected override void LogEventsFromTextOutput(string singleLine, MessageImportance messageImportance)
    {
        bool isError = messageImportance == StandardErrorLoggingImportance;
        if (isError && singleLine.Trim().Length > 0)
            Remember(singleLine.Trim());
        if (!isError && BuildDiagnostics.TryReport(Log, singleLine, HelpFile))
            return;
        Log.LogMessage(messageImportance, "{0}", singleLine);
    }

    /// <inheritdoc/>
    protected override bool HandleTaskExecutionErrors()
    {
        if (_cancelled || Log.HasLoggedErrors)
            return false;
        string said = _errorLines.Count == 0 ? "" : $": {string.Join(" ", _errorLines)}";
        Report(Diagnostics.CompilerCrashed.Create($"The compiler ended unexpectedly with exit code {ExitCode.ToString(CultureInfo.InvariantCulture)}{said}"));
        return false;
    }

    private void Finish(DateTime started)
    {
        if (!File.Exists(OutputsListPath))
            return;
        // A file that changed while the tool read it is newer than the list.
        File.SetLastWriteTimeUtc(OutputsListPath, started);
        foreach (KeyValuePair<string, string> file in OutputsList.Read(OutputsListPath))
        {
            if (file.Key == OutputsList.Report && File.Exists(file.Value))
                Log.LogMessage(MessageImportance.Low, "{0}", File.ReadAllText(file.Value));
        }
    }

    /// <summary>Without the list the next build starts again; a tool that was killed could not tidy up.</summary>
    private void CleanUp()
    {
        try
        {
            File.Delete(OutputsListPath);
            foreach (string folder in Directory.GetDirectories(Path.GetDirectoryName(OutputsListPath)!, UnfinishedFolders))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another error was reported already, and the next build meets whatever is wrong here.
            Log.LogMessage(MessageImportance.Low, "{0}", e.Message);
        }
    }

    private void Remember(string line)
    {
        _errorLines.Enqueue(line);
        if (_errorLines.Count > ReportedErrorLines)
            _errorLines.Dequeue();
    }

    private void Report(Diagnostic diagnostic) =>
        BuildDiagnostics.Report(Log, diagnostic with { File = Model.GetMetadata("DisplayPath") }, HelpFile);
}
