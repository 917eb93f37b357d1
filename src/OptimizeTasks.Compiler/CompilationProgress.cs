namespace OptimizeTasks.Compiler;

/// <summary>How far a compilation is.</summary>
/// <param name="Activity">What is being done: a phase and a pass.</param>
/// <param name="Fraction">The part that is done, from 0 to 1.</param>
public sealed record CompilationProgress(string Activity, double Fraction)
{
    /// <summary>How far a compilation is that calibrates: between folding and lowering.</summary>
    internal const double Calibrating = 0.5;
}
