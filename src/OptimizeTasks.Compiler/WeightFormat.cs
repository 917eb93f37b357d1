namespace OptimizeTasks.Compiler;

/// <summary>How one node keeps and uses its weights.</summary>
public enum WeightFormat
{
    /// <summary>As in the model.</summary>
    Float,

    /// <summary>8 bits, a scale for each channel; activations are quantised to 8 bits in every run.</summary>
    Dynamic,

    /// <summary>8 bits, a scale for each channel; activations have 8 bits too, with ranges that samples showed beforehand.</summary>
    Static,

    /// <summary>8 bits in blocks, each with a scale.</summary>
    Int8,

    /// <summary>4 bits in blocks, each with a scale.</summary>
    Int4,
}
