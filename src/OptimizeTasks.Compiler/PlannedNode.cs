namespace OptimizeTasks.Compiler;

/// <summary>One node of a <see cref="CompressionPlan"/>.</summary>
public sealed record PlannedNode
{
    /// <summary>The node's name; that of its first output where it has none.</summary>
    public required string Node { get; init; }

    /// <summary>The node's operator. For readers; it decides nothing.</summary>
    public string? Operator { get; init; }

    /// <summary>The number of weights. For readers; it decides nothing.</summary>
    public long? Weights { get; init; }

    /// <summary>The format.</summary>
    public required WeightFormat Format { get; init; }

    /// <summary>The elements of a block: 16, 32, 64 or 128; null where the format has no blocks.</summary>
    public int? BlockSize { get; init; }

    /// <summary>Whether the middle code stands for 0; false where every block has a zero point; null where the format has no blocks.</summary>
    public bool? Symmetric { get; init; }

    /// <summary>Whether the scale of each block is the one that causes the least squared error (<see cref="Corrections.Clipping"/>); null for no.</summary>
    public bool? Clipping { get; init; }

    /// <summary>Whether each channel of the weights has a scale of its own; false where all have one (<see cref="WeightFormat.Static"/>); null for yes.</summary>
    public bool? PerChannel { get; init; }

    /// <summary>Whether rounding takes back what it costs (<see cref="Corrections.ErrorFeedback"/>), which needs samples; null for no.</summary>
    public bool? ErrorFeedback { get; init; }

    /// <summary>
    /// α, from 0 to 1: how much of what makes its activations hard to round was moved into the weights of a product behind a
    /// normalisation (<see cref="Corrections.Smoothing"/>); null for nothing.
    /// </summary>
    public double? Smoothing { get; init; }

    /// <summary>In which precision the kernel multiplies: 4 for 8 bits, 1 for single precision; null for what the kernel chooses.</summary>
    public int? AccuracyLevel { get; init; }

    /// <summary>Why the node keeps its weights as they are; null where it does not.</summary>
    public string? Why { get; init; }
}
