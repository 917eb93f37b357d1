using System.Numerics;
using System.Runtime.InteropServices;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>Widens floating-point elements to single precision, which holds every one of them, and rounds single precision.</summary>
internal static class FloatConversion
{
    private const float HalfExponentBias = 5.192297e33f; // 2^112: the difference of the exponents' biases

    /// <summary>Whether weights of this type can be quantised.</summary>
    public static bool IsQuantizable(this ElementType type) => type is ElementType.Float or ElementType.Float16 or ElementType.BFloat16;

    /// <summary>Widens little-endian elements of 16 bits.</summary>
    public static void Widen(ElementType type, ReadOnlySpan<ushort> source, Span<float> destination)
    {
        bool isHalf = type == ElementType.Float16;
        Span<uint> bits = MemoryMarshal.Cast<float, uint>(destination);
        int i = 0;
        for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(source[i..]), out Vector<uint> low, out Vector<uint> high);
            (isHalf ? Half(low) : Vector.ShiftLeft(low, 16)).CopyTo(bits[i..]);
            (isHalf ? Half(high) : Vector.ShiftLeft(high, 16)).CopyTo(bits[(i + Vector<uint>.Count)..]);
        }

        for (; i < source.Length; i++)
            bits[i] = isHalf ? BitConverter.SingleToUInt32Bits((float)BitConverter.UInt16BitsToHalf(source[i])) : (uint)source[i] << 16;
    }

    /// <summary>The upper half of the nearest float that has nothing in its lower half, the even one of two.</summary>
    public static ushort ToBFloat16(float number)
    {
        uint bits = BitConverter.SingleToUInt32Bits(number);
        return (ushort)(float.IsNaN(number) ? (bits >> 16) | 0x40 : (bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }

    private static Vector<uint> Half(Vector<uint> half)
    {
        Vector<uint> magnitude = Vector.ShiftLeft(half & new Vector<uint>(0x7fff), 13);
        Vector<uint> number = Vector.AsVectorUInt32(Vector.AsVectorSingle(magnitude) * HalfExponentBias);
        // Infinities and NaN keep the greatest exponent.
        number |= Vector.GreaterThanOrEqual(magnitude, new Vector<uint>(0x7c00u << 13)) & new Vector<uint>(0x7f800000);
        return number | Vector.ShiftLeft(half & new Vector<uint>(0x8000), 16);
    }
}
