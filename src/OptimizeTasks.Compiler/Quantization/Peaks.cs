using System.Numerics;
using System.Runtime.CompilerServices;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>The greatest magnitudes of some elements, side by side; infinity and NaN are greater than every number.</summary>
internal ref struct Peaks
{
    private const int Magnitude = 0x7fff_ffff;

    private Vector<int> _bits;

    /// <summary>The magnitudes, or what is none.</summary>
    public readonly Vector<float> Greatest => Vector.AsVectorSingle(_bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Vector<float> elements) => _bits = Vector.Max(_bits, Vector.AsVectorInt32(elements) & new Vector<int>(Magnitude));

    /// <summary>The greatest magnitude of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Of(ReadOnlySpan<float> row)
    {
        var found = default(Peaks);
        int i = 0;
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
            found.Add(new Vector<float>(row[i..]));
        int greatest = 0;
        for (int lane = 0; lane < Vector<int>.Count; lane++)
            greatest = Math.Max(greatest, found._bits[lane]);
        for (; i < row.Length; i++)
            greatest = Math.Max(greatest, BitConverter.SingleToInt32Bits(row[i]) & Magnitude);
        return BitConverter.Int32BitsToSingle(greatest);
    }

    /// <summary>Raises the greatest magnitude of every column to that of a row's elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Raise(Span<float> peaks, ReadOnlySpan<float> row)
    {
        int column = 0;
        for (; column <= row.Length - Vector<float>.Count; column += Vector<float>.Count)
        {
            var found = new Peaks { _bits = Vector.AsVectorInt32(new Vector<float>(peaks[column..])) };
            found.Add(new Vector<float>(row[column..]));
            found.Greatest.CopyTo(peaks[column..]);
        }

        for (; column < row.Length; column++)
            peaks[column] = BitConverter.Int32BitsToSingle(Math.Max(BitConverter.SingleToInt32Bits(peaks[column]), BitConverter.SingleToInt32Bits(row[column]) & Magnitude));
    }
}
