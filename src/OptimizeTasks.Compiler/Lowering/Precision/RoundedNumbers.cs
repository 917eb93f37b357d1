using System.Buffers;
using System.Runtime.InteropServices;
using OptimizeTasks.Compiler.Planning;
using OptimizeTasks.Compiler.Quantization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Precision;

/// <summary>A constant in another floating-point type. Huge finite numbers become <see cref="PrecisionChange.HugeStandIn"/>.</summary>
internal sealed class RoundedNumbers : ConsecutivePieces
{
    private const int ElementsOfPiece = 1 << 18;

    private readonly Tensor _source;
    private readonly PrecisionChange _change;

    private RoundedNumbers(Tensor source, PrecisionChange change)
        : base(change.To.ByteLength(source.ElementCount))
    {
        _source = source;
        _change = change;
    }

    /// <inheritdoc/>
    public override long PieceBytes => ElementsOfPiece * (sizeof(float) + sizeof(ushort));

    /// <inheritdoc/>
    protected override long PieceLength => _change.To.ByteLength(ElementsOfPiece);

    /// <summary>The constant, computed when it is written.</summary>
    public static Tensor Of(Tensor source, PrecisionChange change) =>
        new(change.To, source.Dimensions.AsSpan(), new RoundedNumbers(source, change).Outputs[0]);

    /// <inheritdoc/>
    public override void Compute(int piece, ComputedBytes sink)
    {
        long first = (long)piece * ElementsOfPiece;
        int count = (int)Math.Min(ElementsOfPiece, _source.ElementCount - first);
        float[] numbers = ArrayPool<float>.Shared.Rent(count);
        ushort[] halves = ArrayPool<ushort>.Shared.Rent(count);
        if (_change.Narrows)
        {
            _source.Data.Read(first * sizeof(float), MemoryMarshal.AsBytes(numbers.AsSpan(0, count)));
            for (int i = 0; i < count; i++)
                halves[i] = Round(numbers[i]);
            sink(0, first * sizeof(ushort), MemoryMarshal.AsBytes(halves.AsSpan(0, count)));
        }
        else
        {
            _source.Data.Read(first * sizeof(ushort), MemoryMarshal.AsBytes(halves.AsSpan(0, count)));
            FloatConversion.Widen(_source.ElementType, halves.AsSpan(0, count), numbers.AsSpan(0, count));
            sink(0, first * sizeof(float), MemoryMarshal.AsBytes(numbers.AsSpan(0, count)));
        }

        ArrayPool<float>.Shared.Return(numbers);
        ArrayPool<ushort>.Shared.Return(halves);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RoundedNumbers other && other._change == _change
        && other._source.ElementType == _source.ElementType && other._source.Data.Equals(_source.Data);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_change, _source.Data);

    private ushort Round(float number)
    {
        if (Math.Abs(number) > _change.Greatest && float.IsFinite(number))
            number = MathF.CopySign(_change.HugeStandIn, number);
        return _change.To == ElementType.Float16 ? BitConverter.HalfToUInt16Bits((Half)number) : FloatConversion.ToBFloat16(number);
    }
}
