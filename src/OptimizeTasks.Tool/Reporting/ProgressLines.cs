using System.Diagnostics;
using OptimizeTasks.Compiler;

namespace OptimizeTasks.Tool.Reporting;

/// <summary>Says in a build's log what takes so long: a line every few seconds, none for quick work.</summary>
internal sealed class ProgressLines(TextWriter output, string model) : IProgress<CompilationProgress>
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _next = s_interval;

    /// <inheritdoc/>
    public void Report(CompilationProgress value)
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_start);
        if (elapsed < _next)
            return;
        _next = elapsed + s_interval;
        output.WriteLine(FormattableString.Invariant($"{model}: {value.Activity} ({value.Fraction:0%}, {elapsed.TotalSeconds:0} s)"));
    }
}
