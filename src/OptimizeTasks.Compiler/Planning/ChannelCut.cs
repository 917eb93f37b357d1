using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>
/// A Clip from 0 to a constant, and how far its channels get on samples. A channel that gets to the limit can only be scaled
/// as the limit is; any other can be scaled as long as it stays below.
/// </summary>
/// <param name="Limit">Where all channels are cut.</param>
/// <param name="Greatest">The greatest number of each channel before it is cut.</param>
internal sealed record ChannelCut(float Limit, IReadOnlyList<float> Greatest)
{
    /// <summary>How much further than on samples a channel may get without being cut otherwise than before.</summary>
    private const double Margin = 2;

    /// <summary>Whether the node cuts so.</summary>
    public static bool Is(Node node) => node.Is("Clip") && node.Input(1)?.Scalar() is 0 && node.Input(2)?.Scalar() is > 0 and < float.MaxValue;

    /// <summary>Whether a channel gets to the limit, or comes near.</summary>
    public bool Reaches(int channel) => Greatest[channel] * Margin > Limit;

    /// <summary>The least power of two that a channel can be divided by without being cut.</summary>
    public int LeastExponent(int channel) => Greatest[channel] > 0 ? (int)Math.Ceiling(Math.Log2(Greatest[channel] * Margin / Limit)) : int.MinValue;
}
