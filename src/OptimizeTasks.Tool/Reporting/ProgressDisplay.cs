using OptimizeTasks.Compiler;
using Spectre.Console;

namespace OptimizeTasks.Tool.Reporting;

/// <summary>
/// Shows on a terminal how far long work is: a bar on standard error. Quick work shows nothing, and neither does work whose
/// errors go to a file or another program.
/// </summary>
internal sealed class ProgressDisplay(DiagnosticLog log) : IProgress<CompilationProgress>
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    private volatile CompilationProgress _latest = new("Starting", 0);

    /// <summary>Whether anything is shown at all: on a terminal.</summary>
    public bool IsShown { get; init; } = !Console.IsErrorRedirected;

    /// <summary>How long the work may take without being shown.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMilliseconds(700);

    /// <inheritdoc/>
    public void Report(CompilationProgress value) => _latest = value;

    /// <summary>Does the work, with the display where there is a terminal.</summary>
    public T Run<T>(Func<T> work)
    {
        if (!IsShown)
            return work();

        using var done = new ManualResetEventSlim();
        Task display = Task.Run(() => ShowUntil(done));
        try
        {
            return work();
        }
        finally
        {
            done.Set();
            display.Wait();
        }
    }

    private void ShowUntil(ManualResetEventSlim done)
    {
        if (done.Wait(Patience))
            return;
        log.Hold();
        try
        {
            DrawUntil(done);
        }
        finally
        {
            log.Release();
        }
    }

    // The library for the terminal is first needed, and loaded, in here.
    private void DrawUntil(ManualResetEventSlim done)
    {
        IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        terminal.Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new ElapsedTimeColumn())
            .Start(bars =>
            {
                ProgressTask bar = bars.AddTask(Markup.Escape(_latest.Activity), maxValue: 1);
                do
                {
                    CompilationProgress latest = _latest;
                    bar.Description = Markup.Escape(latest.Activity);
                    bar.Value = latest.Fraction;
                }
                while (!done.Wait(s_interval));
            });
    }
}
