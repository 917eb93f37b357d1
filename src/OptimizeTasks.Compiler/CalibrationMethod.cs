namespace OptimizeTasks.Compiler;

/// <summary>How the range of an activation is chosen from what the samples show.</summary>
public enum CalibrationMethod
{
    /// <summary>From the least to the greatest number.</summary>
    MinMax,

    /// <summary>Without the outermost 0.001 % of the numbers.</summary>
    Percentile,

    /// <summary>The range whose codes keep most of what the distribution says, by relative entropy.</summary>
    Entropy,

    /// <summary>The range with the least squared error.</summary>
    MeanSquaredError,
}
