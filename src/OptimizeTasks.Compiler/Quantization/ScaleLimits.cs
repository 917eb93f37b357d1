namespace OptimizeTasks.Compiler.Quantization;

/// <summary>What scales of every format can be.</summary>
internal static class ScaleLimits
{
    /// <summary>The smallest normal number of single precision: what is below it is a scale of zeros.</summary>
    public const float SmallestNormal = 1.17549435e-38f;
}
