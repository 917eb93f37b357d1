using System.Buffers;
using System.Runtime.InteropServices;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>A constant as a matrix of floats that is read in pieces: two axes, the outer one stored first.</summary>
internal sealed class WeightMatrix : IEquatable<WeightMatrix>
{
    private const int ElementsOfTile = 128 << 10;

    private readonly Tensor _tensor;
    private readonly int _elementBytes;
    private readonly Diagnostic _notFinite;

    /// <summary>The last axis of a tensor, and all before it as one.</summary>
    /// <param name="tensor">The tensor; its type is one that <see cref="FloatConversion.IsQuantizable"/>.</param>
    /// <param name="notFinite">What is reported where an element is no finite number.</param>
    public WeightMatrix(Tensor tensor, Diagnostic notFinite)
    {
        _tensor = tensor;
        _notFinite = notFinite;
        _elementBytes = tensor.ElementType.BitWidth() / 8;
        Inner = tensor.Rank == 0 ? 1 : tensor.Dimensions[^1];
        Outer = Inner == 0 ? 0 : tensor.ElementCount / Inner;
    }

    /// <summary>The type of the elements.</summary>
    public ElementType ElementType => _tensor.ElementType;

    /// <summary>The size of the axis whose elements stand apart.</summary>
    public long Outer { get; }

    /// <summary>The size of the axis whose elements stand side by side.</summary>
    public long Inner { get; }

    /// <summary>How many rows at a time the second cache level holds.</summary>
    public int RowsOfTile => (int)Math.Clamp(ElementsOfTile / Math.Max(1, Inner), 1, Math.Max(1, Outer));

    /// <summary>Reads a rectangle.</summary>
    /// <param name="outer">Where it begins on the outer axis.</param>
    /// <param name="inner">Where it begins on the inner axis.</param>
    /// <param name="outers">Its size on the outer axis.</param>
    /// <param name="inners">Its size on the inner axis.</param>
    /// <param name="destination">Receives it row by row.</param>
    /// <param name="stride">Where in the destination the next row begins.</param>
    public void Read(long outer, long inner, int outers, int inners, Span<float> destination, int stride)
    {
        for (int i = 0; i < outers; i++)
            Read(((outer + i) * Inner) + inner, destination.Slice(i * stride, inners));
    }

    /// <summary>Reads whole rows.</summary>
    /// <param name="outer">The first row.</param>
    /// <param name="outers">Their number.</param>
    /// <param name="destination">Receives them behind each other.</param>
    public void Read(long outer, int outers, Span<float> destination) => Read(outer * Inner, destination[..(int)(outers * Inner)]);

    /// <summary>The greatest magnitude in each channel: of each row, or of each column.</summary>
    /// <param name="byRow">Whether a channel is a row.</param>
    /// <exception cref="CompilationException">An element is no finite number.</exception>
    public float[] ReadPeaks(bool byRow)
    {
        var peaks = new float[byRow ? Outer : Inner];
        int length = (int)Inner;
        float[] tile = ArrayPool<float>.Shared.Rent(RowsOfTile * length);
        for (long outer = 0; outer < Outer; outer += RowsOfTile)
        {
            int rows = (int)Math.Min(RowsOfTile, Outer - outer);
            Read(outer, rows, tile);
            for (int i = 0; i < rows; i++)
            {
                ReadOnlySpan<float> row = tile.AsSpan(i * length, length);
                if (byRow)
                    peaks[outer + i] = Peaks.Of(row);
                else
                    Peaks.Raise(peaks, row);
            }
        }

        ArrayPool<float>.Shared.Return(tile);
        Check(peaks);
        return peaks;
    }

    /// <summary>Ends the compilation if one of the elements is infinite or NaN.</summary>
    public void Check(ReadOnlySpan<float> elements)
    {
        float zero = 0;
        foreach (float element in elements)
            zero += element * 0;
        Check(zero);
    }

    /// <summary>Ends the compilation if the sum of elements times 0 is not 0: one of them is infinite or NaN.</summary>
    public void Check(float zero)
    {
        if (zero != 0)
            throw new CompilationException(_notFinite);
    }

    /// <inheritdoc/>
    public bool Equals(WeightMatrix? other) => other is not null && other.ElementType == ElementType
        && other._tensor.Dimensions.AsSpan().SequenceEqual(_tensor.Dimensions.AsSpan()) && other._tensor.Data.Equals(_tensor.Data);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as WeightMatrix);

    /// <inheritdoc/>
    public override int GetHashCode() => _tensor.Data.GetHashCode();

    private void Read(long element, Span<float> destination)
    {
        if (ElementType == ElementType.Float)
        {
            _tensor.Data.Read(element * _elementBytes, MemoryMarshal.AsBytes(destination));
            return;
        }

        ushort[] buffer = ArrayPool<ushort>.Shared.Rent(destination.Length);
        Span<ushort> elements = buffer.AsSpan(0, destination.Length);
        _tensor.Data.Read(element * _elementBytes, MemoryMarshal.AsBytes(elements));
        FloatConversion.Widen(ElementType, elements, destination);
        ArrayPool<ushort>.Shared.Return(buffer);
    }
}
