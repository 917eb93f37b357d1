using OptimizeTasks.Manifest;

namespace OptimizeTasks.Compiler;

/// <summary>The formats of a graph that runs the calls in which a dimension has certain sizes.</summary>
/// <param name="Dimension">The dimension, by its symbol.</param>
/// <param name="Sizes">The sizes.</param>
/// <param name="Quantization">In which format weights are kept.</param>
public sealed record SizedFormat(string Dimension, DimensionRange Sizes, QuantizationMode Quantization)
{
    /// <summary>The format of each node; null where <see cref="Quantization"/> decides.</summary>
    public CompressionPlan? Plan { get; init; }
}
