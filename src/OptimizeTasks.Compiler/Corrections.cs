namespace OptimizeTasks.Compiler;

/// <summary>What makes quantised weights more exact for more time at the build; models run as fast as without.</summary>
[Flags]
public enum Corrections
{
    /// <summary>Scales follow from the furthest numbers, and numbers are rounded to the nearest code.</summary>
    None = 0,

    /// <summary>
    /// The scale of each block is the one, of 22 around that which its furthest number asks for, that causes the least squared
    /// error: a few numbers are clipped, and all others have finer steps.
    /// </summary>
    Clipping = 1,

    /// <summary>
    /// Channels between two layers, or between a normalisation and products, are balanced: what is large before and small
    /// behind loses less to a scale that many channels share. In floating point the model stays as it was.
    /// </summary>
    Equalization = 2,

    /// <summary>
    /// What rounding the weights of a product adds to its results on average is subtracted from its bias. What products take
    /// on average comes from samples.
    /// </summary>
    Bias = 4,

    /// <summary>
    /// Weights in blocks are rounded one input after the other: what rounding the weights of one input costs is taken back by
    /// those of later ones, as far as both come together in the samples.
    /// </summary>
    ErrorFeedback = 8,

    /// <summary>
    /// Channels of a normalisation are divided by what the weights of the products behind it are multiplied with, so that
    /// activations lose less to the one scale that they have. How much, is searched on samples. In floating point the model
    /// stays as it was.
    /// </summary>
    Smoothing = 16,

    /// <summary>All that need no samples.</summary>
    All = Clipping | Equalization,
}
