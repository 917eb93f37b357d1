namespace OptimizeTasks.Compiler.Searching;

/// <summary>What becomes of a layer in one format.</summary>
/// <param name="Mode">The mode whose plan has the format; <see cref="QuantizationMode.None"/> for the layer as it is.</param>
/// <param name="Cost">What a run takes more than with the layer as it is: milliseconds, or bytes where nothing can be timed.</param>
/// <param name="SquaredError">The square of the relative L2 error that it causes alone. Errors of different layers are independent of each other, nearly: their squares add up.</param>
internal sealed record SearchChoice(QuantizationMode Mode, double Cost, double SquaredError)
{
    /// <summary>The layer as it is.</summary>
    public static SearchChoice Float { get; } = new(QuantizationMode.None, 0, 0);
}
