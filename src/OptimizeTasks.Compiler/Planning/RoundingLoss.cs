using System.Buffers;
using System.Runtime.InteropServices;
using OptimizeTasks.Compiler.Quantization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>What a constant loses when its numbers are rounded to another type.</summary>
/// <param name="Overflows">Whether finite numbers below <see cref="PrecisionChange.Huge"/> become infinite.</param>
/// <param name="HasHuge">Whether finite numbers from there on do.</param>
/// <param name="Error">‖rounded − x‖ / ‖x‖ over the other numbers.</param>
internal sealed record RoundingLoss(bool Overflows, bool HasHuge, double Error)
{
    private const int MostElements = 1 << 16;

    /// <summary>Reads the constant, a piece at a time.</summary>
    public static RoundingLoss Of(Tensor tensor, PrecisionChange change, CancellationToken cancellationToken)
    {
        bool overflows = false, hasHuge = false;
        double difference = 0, magnitude = 0;
        float[] numbers = ArrayPool<float>.Shared.Rent(MostElements);
        for (long first = 0; first < tensor.ElementCount; first += MostElements)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Span<float> piece = numbers.AsSpan(0, (int)Math.Min(MostElements, tensor.ElementCount - first));
            tensor.Data.Read(first * sizeof(float), MemoryMarshal.AsBytes(piece));
            foreach (float x in piece)
            {
                float size = Math.Abs(x);
                if (size > change.Greatest && float.IsFinite(x))
                {
                    overflows |= size < PrecisionChange.Huge;
                    hasHuge |= size >= PrecisionChange.Huge;
                }
                else if (float.IsFinite(x))
                {
                    double lost = Rounded(x, change.To) - (double)x;
                    difference += lost * lost;
                    magnitude += (double)x * x;
                }
            }
        }

        ArrayPool<float>.Shared.Return(numbers);
        return new RoundingLoss(overflows, hasHuge, difference == 0 ? 0 : Math.Sqrt(difference / magnitude));
    }

    /// <summary>Why the node cannot have the constant in the type; null where it can.</summary>
    public string? Refuse(Node node, Value constant, PrecisionChange change)
    {
        if (Overflows || (HasHuge && !node.TakesMasks()))
            return $"'{constant.Name}' has numbers beyond {change.To}";
        return Error > 2 * change.Roundoff && !node.AddsChannels(constant) ? $"'{constant.Name}' has numbers too small for {change.To}" : null;
    }

    private static float Rounded(float x, ElementType type) =>
        type == ElementType.Float16 ? (float)(Half)x : BitConverter.UInt32BitsToSingle((uint)FloatConversion.ToBFloat16(x) << 16);
}
