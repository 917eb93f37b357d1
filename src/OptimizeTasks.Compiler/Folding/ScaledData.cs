using System.Buffers;
using System.Runtime.InteropServices;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Folding;

/// <summary>
/// The elements of another tensor, each multiplied by the factor of its channel. Computed when they are read: weights
/// stay on disk.
/// </summary>
/// <param name="source">The tensor: float, double or float16.</param>
/// <param name="axis">The axis of the channels.</param>
/// <param name="factors">One factor per channel, or one for all.</param>
internal sealed class ScaledData(Tensor source, int axis, double[] factors) : TensorData
{
    private readonly int _elementBytes = source.ElementType.BitWidth() / 8;
    private readonly long _inner = source.Dimensions.Skip(axis + 1).Aggregate(1L, (a, b) => a * b);

    /// <inheritdoc/>
    public override long Length => source.Data.Length;

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        long first = offset / _elementBytes;
        long end = (offset + destination.Length + _elementBytes - 1) / _elementBytes;
        int bytes = checked((int)((end - first) * _elementBytes));
        byte[] buffer = ArrayPool<byte>.Shared.Rent(bytes);
        try
        {
            Span<byte> elements = buffer.AsSpan(0, bytes);
            source.Data.Read(first * _elementBytes, elements);
            Scale(elements, first);
            elements.Slice((int)(offset - (first * _elementBytes)), destination.Length).CopyTo(destination);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Scale(Span<byte> bytes, long first)
    {
        switch (source.ElementType)
        {
            case ElementType.Float:
                Scale(MemoryMarshal.Cast<byte, float>(bytes), first, (x, f) => (float)(x * f));
                break;
            case ElementType.Double:
                Scale(MemoryMarshal.Cast<byte, double>(bytes), first, (x, f) => x * f);
                break;
            default:
                Scale(MemoryMarshal.Cast<byte, Half>(bytes), first, (x, f) => (Half)((double)x * f));
                break;
        }
    }

    private void Scale<T>(Span<T> elements, long first, Func<T, double, T> multiply)
    {
        for (int i = 0; i < elements.Length; i++)
            elements[i] = multiply(elements[i], factors[((first + i) / _inner) % factors.Length]);
    }
}
