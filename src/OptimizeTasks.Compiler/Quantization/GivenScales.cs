namespace OptimizeTasks.Compiler.Quantization;

/// <summary>Scales of channels that were decided beforehand. Compared by value.</summary>
/// <param name="scales">The scales, each a normal number.</param>
internal sealed class GivenScales(float[] scales) : IEquatable<GivenScales>
{
    /// <summary>All scales.</summary>
    public ReadOnlySpan<float> Values => scales;

    /// <summary>The scale of a channel.</summary>
    public ChannelScale this[long channel] => new(scales[channel], 1 / scales[channel]);

    /// <inheritdoc/>
    public bool Equals(GivenScales? other) => other is not null && Values.SequenceEqual(other.Values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GivenScales);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(scales.Length, scales.Length > 0 ? scales[0] : 0);
}
