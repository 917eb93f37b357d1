namespace OptimizeTasks.Compiler.Calibration;

/// <summary>The numbers that a quantised activation can have; beyond them it saturates.</summary>
/// <param name="Least">The least.</param>
/// <param name="Greatest">The greatest.</param>
internal readonly record struct ActivationRange(double Least, double Greatest)
{
    /// <summary>The part of the range between two numbers, either of which may be infinite.</summary>
    public ActivationRange Within(double least, double greatest) => new(Math.Clamp(Least, least, greatest), Math.Clamp(Greatest, least, greatest));

    /// <summary>The part of the range within another one.</summary>
    public ActivationRange Within(ActivationRange limits) => Within(limits.Least, limits.Greatest);
}
